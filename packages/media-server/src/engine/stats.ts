import type { Counters } from '../core/counters.js';
import type { DownlinkSource } from '../core/downlink.js';
import type { Session, SessionState } from '../core/session.js';
import type { Engine } from './engine.js';

/** One layer of an incoming track. */
export interface LayerStats {
  readonly layer: number;
  readonly rid: string | undefined;
  readonly ssrc: number | undefined;
  readonly packets: number;
  readonly lost: number;
  readonly recovered: number;
  readonly jitterMs: number;
  /** over the last second */
  readonly bitrateBps: number;
  /** pixels of the last VP8 keyframe */
  readonly width: number | undefined;
  readonly height: number | undefined;
}
export interface TrackStats {
  readonly track: string;
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly codec: string | undefined;
  /** since the last packet, ms; undefined before the first one */
  readonly silentMs: number | undefined;
  readonly layers: readonly LayerStats[];
}
export interface SlotStats {
  readonly slot: string;
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly ssrc: number;
  /** id of the track that is selected */
  readonly track: string | undefined;
  /** layer that flows; undefined while a keyframe is awaited */
  readonly layer: number | undefined;
  readonly packets: number;
  readonly bytes: number;
  readonly resent: number;
  /** NACKs that were not answered: too old, or over the budget */
  readonly unanswered: number;
  /** codec of the selected track that the receiver does not have */
  readonly unsupportedCodec: string | undefined;
  /** not even the smallest picture fits the link */
  readonly paused: boolean;
}
export interface TransportStats extends Readonly<Counters> {
  readonly transport: string;
  readonly state: SessionState;
  readonly roundTripMs: number | undefined;
  readonly downlink: {
    readonly source: DownlinkSource;
    readonly availableBps: number | undefined;
    readonly queueDelayMs: number;
    /** 0 to 1 */
    readonly loss: number;
  };
  readonly tracks: readonly TrackStats[];
  readonly slots: readonly SlotStats[];
}
/** Numbers of one engine. */
export interface EngineStats {
  readonly transportLibrary: string;
  readonly opusLibrary: string;
  readonly udpPort: number;
  /** clients that changed their address */
  readonly addressChanges: number;
  /** datagrams that belong to no transport */
  readonly ignoredDatagrams: number;
  /** of the engine's process, s of CPU since it started */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** open sockets, timers and the like of the engine's process */
  readonly handles: number;
  readonly tracks: number;
  readonly transports: readonly TransportStats[];
}

export function collectStats(engine: Engine): EngineStats {
  const { user, system } = process.cpuUsage();
  return {
    transportLibrary: engine.library.name,
    opusLibrary: engine.opus.name,
    udpPort: engine.mux.port,
    addressChanges: engine.mux.moves,
    ignoredDatagrams: engine.mux.ignored,
    cpuSeconds: (user + system) / 1e6,
    memoryBytes: process.memoryUsage.rss(),
    handles: process.getActiveResourcesInfo().length,
    tracks: engine.router.size,
    transports: [...engine.sessions.values()].map((session) => transportStats(session, engine.clock.now())),
  };
}

function transportStats(session: Session, nowMs: number): TransportStats {
  const { source, availableBps, queueDelayMs, loss, roundTripMs } = session.downlink;
  return {
    transport: session.id,
    state: session.state,
    ...session.counters,
    roundTripMs,
    downlink: { source, availableBps, queueDelayMs, loss },
    tracks: session.demux.lines.map(({ section: { mid }, source: track }) => ({
      track: track.id,
      mid,
      kind: track.kind ?? 'video',
      codec: track.codec,
      silentMs: track.lastPacketMs === undefined ? undefined : nowMs - track.lastPacketMs,
      layers: track.layers.map(({ index, rid, ssrc, inbound, bitrateBps, size }) => ({
        layer: index,
        rid,
        ssrc,
        packets: inbound?.packets ?? 0,
        lost: inbound?.lost ?? 0,
        recovered: inbound?.recovered ?? 0,
        jitterMs: inbound?.jitterMs ?? 0,
        bitrateBps,
        width: size?.width,
        height: size?.height,
      })),
    })),
    slots: [...session.senders.values()].map(({ identity, stream, history, unsupported }) => ({
      slot: identity.id,
      mid: identity.mid,
      kind: identity.kind,
      ssrc: identity.ssrc,
      track: stream.source?.id,
      layer: stream.current,
      packets: stream.rewriter.packets,
      bytes: stream.rewriter.octets,
      resent: history.resent,
      unanswered: history.missed + history.refused,
      unsupportedCodec: unsupported,
      paused: stream.paused,
    })),
  };
}
