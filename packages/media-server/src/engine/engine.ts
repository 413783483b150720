import { loadOpus, type OpusLibrary } from '../audio/opus.js';
import { AudioMix } from '../audio/mix.js';
import { readFile } from '../audio/file-reader.js';
import { Player, readSamples } from '../audio/player.js';
import { AudioTap } from '../audio/tap.js';
import type { EngineClock } from '../core/clock.js';
import { Router } from '../core/router.js';
import type { Sender, SenderIdentity } from '../core/sender.js';
import { Session, type Accepted } from '../core/session.js';
import { mediaError } from '../errors.js';
import { Recorder, type RecordingSummary } from '../record/recorder.js';
import { checkVideoCodecs } from '../sdp/codec.js';
import { loadLibrary, type TransportChoice } from '../transport/library.js';
import { Mux } from '../transport/mux.js';
import type { BareLibrary } from '../transport/types.js';
import type { CommandName, CommandParams, EmitEvent } from './protocol.js';
import { collectStats, type EngineStats } from './stats.js';

/** How an engine is set up; plain data, because it travels to the child process. */
export interface EngineOptions {
  readonly transport: TransportChoice;
  readonly opus: 'auto' | OpusLibrary['name'];
  readonly host: string;
  readonly port: number;
  readonly lastPort: number;
  readonly announcedAddresses: readonly string[];
  readonly connectTimeoutMs: number;
}

/** What each command returns. */
export interface CommandResults {
  accept: Accepted;
  stopRecorder: RecordingSummary;
  stats: EngineStats;
}
export type CommandResult<Name extends CommandName> = Name extends keyof CommandResults
  ? CommandResults[Name]
  : undefined;
type Handlers = {
  readonly [Name in CommandName]: (
    params: CommandParams<Name>,
  ) => CommandResult<Name> | Promise<CommandResult<Name>>;
};

const tickMs = 20;
const slowTickMs = 1000;

/** All media of one process. Its commands know transports, slots, mixes and files, and no meetings. */
export class Engine {
  readonly router = new Router();
  readonly sessions = new Map<string, Session>();
  readonly #mixes = new Map<string, AudioMix>();
  readonly #recorders = new Map<string, Recorder>();
  readonly #players = new Map<string, Player>();
  readonly #taps = new Map<string, AudioTap>();
  #stopTicking: (() => void) | undefined;
  #slowAtMs = 0;
  #closed = false;

  private constructor(
    readonly options: EngineOptions,
    readonly clock: EngineClock,
    readonly library: BareLibrary,
    readonly opus: OpusLibrary,
    readonly mux: Mux,
    readonly emit: EmitEvent,
  ) {}

  /** Loads the libraries and opens the UDP port. */
  static async start(options: EngineOptions, clock: EngineClock, emit: EmitEvent): Promise<Engine> {
    const trouble = (error: unknown) => {
      emit('trouble', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    };
    const [library, opus] = await Promise.all([
      loadLibrary(options.transport, trouble),
      loadOpus(options.opus),
    ]);
    const mux = new Mux({ ...options, now: () => clock.now() });
    await mux.listen();
    return new Engine(options, clock, library, opus, mux, emit);
  }

  execute<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>> {
    if (this.#closed && name !== 'close')
      return Promise.reject(mediaError('ERR_MEDIA_CLOSED', 'close', `${name}: the media server is closed.`));
    const handler = this.#handlers[name] as (
      one: CommandParams<Name>,
    ) => CommandResult<Name> | Promise<CommandResult<Name>>;
    // an exception of a handler becomes a rejection
    return Promise.resolve().then(() => handler(params));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    const nowMs = this.clock.now();
    await Promise.allSettled([...this.#recorders.values()].map((recorder) => recorder.stop(nowMs)));
    for (const tap of this.#taps.values()) tap.close();
    for (const player of this.#players.values()) player.close();
    for (const mix of this.#mixes.values()) mix.close();
    await Promise.allSettled([...this.sessions.values()].map((session) => session.close()));
    for (const all of [this.#recorders, this.#taps, this.#players, this.#mixes, this.sessions]) all.clear();
    await this.mux.close();
    this.library.close();
  }

  readonly #handlers: Handlers = {
    openTransport: ({ transport }) => {
      if (!this.sessions.has(transport)) this.sessions.set(transport, this.#createSession(transport));
      this.#wake();
      return undefined;
    },
    closeTransport: async ({ transport }) => {
      const session = this.sessions.get(transport);
      this.sessions.delete(transport);
      await session?.close();
      this.#rest();
      return undefined;
    },
    accept: ({ transport, offer, slots, videoCodecs, announceSources, originName }) => {
      const session = this.#session(transport);
      for (const slot of slots) session.addSender(identityOf(slot));
      const allowed = videoCodecs && checkVideoCodecs(videoCodecs);
      return session.accept(offer, { videoCodecs: allowed, announceSources, originName });
    },
    openSlot: ({ transport, slot }) => {
      this.#session(transport).addSender(identityOf(slot));
      return undefined;
    },
    closeSlot: ({ transport, slot }) => {
      this.sessions.get(transport)?.removeSender(slot);
      return undefined;
    },
    route: ({ transport, slot, track, maxLayer }) => {
      const sender = this.#sender(transport, slot);
      const source = track === undefined ? undefined : this.router.source(track);
      const { codecs } = sender;
      if (source?.codec && codecs.length > 0 && !codecs.includes(source.codec))
        throw mediaError(
          'ERR_MEDIA_NO_COMMON_CODEC',
          'media',
          `route: ${source.id} sends ${source.codec}, the receiver of ${slot} takes ${codecs.join(', ')}. Accept both with the same videoCodecs.`,
        );
      if (maxLayer !== undefined) sender.maxLayer = maxLayer;
      sender.stream.watch(source, sender.maxLayer, this.clock.now());
      return undefined;
    },
    requestKeyframe: ({ track }) => {
      const source = this.router.find(track);
      for (const { index } of source?.layers ?? []) source?.requestKeyframe(index, this.clock.now());
      return undefined;
    },
    sendDtmf: ({ transport, slot, digits, durationMs, gapMs }) => {
      this.#sender(transport, slot).queueDtmf(digits, {
        ...(durationMs === undefined ? {} : { durationMs }),
        ...(gapMs === undefined ? {} : { gapMs }),
      });
      return undefined;
    },
    sendMessage: ({ transport, label, data }) => {
      if (!this.#session(transport).sendMessage(label, data))
        throw mediaError('ERR_MEDIA_UNKNOWN', 'media', `sendMessage: data channel ${label} is not open.`, {
          retryable: true,
        });
      return undefined;
    },
    openMix: ({ mix }) => {
      const { opus, router, emit } = this;
      const onSpeakers: ConstructorParameters<typeof AudioMix>[0]['onSpeakers'] = ({
        speaking,
        dominant,
      }) => {
        emit('speakers', { mix, speaking, dominant });
      };
      if (!this.#mixes.has(mix)) this.#mixes.set(mix, new AudioMix({ id: mix, opus, router, onSpeakers }));
      this.#wake();
      return undefined;
    },
    closeMix: ({ mix }) => {
      this.#mixes.get(mix)?.close();
      this.#mixes.delete(mix);
      this.#rest();
      return undefined;
    },
    joinMix: ({ mix, participant, track, transport, slot }) => {
      const source = track === undefined ? undefined : this.router.source(track);
      const sender =
        transport === undefined || slot === undefined ? undefined : this.#sender(transport, slot);
      this.#mix(mix).join({ id: participant, source, sender });
      return undefined;
    },
    leaveMix: ({ mix, participant }) => {
      this.#mixes.get(mix)?.leave(participant);
      return undefined;
    },
    muteInMix: ({ mix, participant, muted }) => {
      this.#mix(mix).mute(participant, muted);
      return undefined;
    },
    openRecorder: async ({ recorder, path, tracks }) => {
      const options = tracks.map(({ name, kind, track }) => ({
        name,
        kind,
        source: track === undefined ? undefined : this.router.source(track),
      }));
      const one = new Recorder(path, options, (message) => {
        this.emit('recorderEnded', { recorder, message });
      });
      await one.start(options, this.clock.now());
      this.#recorders.set(recorder, one);
      this.#wake();
      return undefined;
    },
    routeRecorder: ({ recorder, name, track }) => {
      const source = track === undefined ? undefined : this.router.source(track);
      this.#recorder(recorder).route(name, source, this.clock.now());
      return undefined;
    },
    stopRecorder: async ({ recorder }) => {
      const one = this.#recorder(recorder);
      this.#recorders.delete(recorder);
      this.#rest();
      return one.stop(this.clock.now());
    },
    openPlayer: async ({ player, file, samples, loop }) => {
      const open = samples ? readSamples(samples) : readFile(this.opus, file ?? '');
      const one = new Player(this.opus, this.router.source(player), {
        open,
        loop: loop ?? false,
        onEnd: (failure) => {
          this.#closePlayer(player);
          if (failure !== undefined)
            this.emit('trouble', {
              message: failure instanceof Error ? failure.message : 'the player failed',
            });
          this.emit('playerEnded', { player });
        },
      });
      await one.start();
      this.#players.set(player, one);
      this.#wake();
      return undefined;
    },
    closePlayer: ({ player }) => {
      this.#closePlayer(player);
      return undefined;
    },
    openTap: ({ tap, track }) => {
      const onFrame = (samples: Int16Array, atMs: number) => {
        this.emit('tapAudio', { tap, samples, atMs });
      };
      this.#taps.set(tap, new AudioTap(this.opus, this.router.source(track), onFrame));
      this.#wake();
      return undefined;
    },
    closeTap: ({ tap }) => {
      this.#taps.get(tap)?.close();
      this.#taps.delete(tap);
      this.#rest();
      return undefined;
    },
    stats: () => collectStats(this),
    close: async () => {
      await this.close();
      return undefined;
    },
  };

  #createSession(id: string): Session {
    const { clock, router, library, mux, emit, options } = this;
    return new Session(id, {
      ...{ clock, router, library, mux, connectTimeoutMs: options.connectTimeoutMs },
      events: {
        state: (state, phase) => {
          emit('transportState', { transport: id, state, phase });
        },
        dtmf: (mid, digit) => {
          emit('transportDtmf', { transport: id, mid, digit });
        },
        channel: (label) => {
          emit('transportChannel', { transport: id, label });
        },
        message: (label, data) => {
          emit('transportMessage', { transport: id, label, data });
        },
        layer: (slot, track, layer) => {
          emit('slotLayer', { transport: id, slot, track, layer });
        },
      },
    });
  }

  #closePlayer(player: string): void {
    const one = this.#players.get(player);
    if (!one) return;
    one.close();
    this.#players.delete(player);
    this.router.remove(player);
    this.#rest();
  }

  /** Timers run only while there is something to do. */
  #wake(): void {
    if (this.#stopTicking) return;
    this.#slowAtMs = this.clock.now();
    this.#stopTicking = this.clock.every(tickMs, () => {
      try {
        this.#tick();
      } catch (error) {
        this.emit('trouble', {
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    });
  }
  #rest(): void {
    const busy = [this.sessions, this.#mixes, this.#recorders, this.#players, this.#taps].some(
      ({ size }) => size > 0,
    );
    if (busy) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
  }
  #tick(): void {
    const nowMs = this.clock.now();
    for (const session of this.sessions.values()) session.tick(nowMs);
    for (const player of [...this.#players.values()]) player.tick(nowMs);
    for (const mix of this.#mixes.values()) mix.tick(nowMs);
    for (const tap of this.#taps.values()) tap.tick(nowMs);
    for (const recorder of this.#recorders.values()) recorder.tick(nowMs);
    if (nowMs - this.#slowAtMs < slowTickMs) return;
    this.#slowAtMs = nowMs;
    for (const source of this.router.all()) source.measure(nowMs);
    for (const session of this.sessions.values()) session.slowTick(nowMs);
  }

  #session(id: string): Session {
    return known(this.sessions.get(id), 'transport', id);
  }
  #sender(transport: string, slot: string): Sender {
    return known(this.#session(transport).senders.get(slot), 'slot', slot);
  }
  #mix(id: string): AudioMix {
    return known(this.#mixes.get(id), 'mix', id);
  }
  #recorder(id: string): Recorder {
    return known(this.#recorders.get(id), 'recorder', id);
  }
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined)
    throw mediaError(
      'ERR_MEDIA_UNKNOWN',
      'media',
      `There is no ${what} ${id}: it was closed, or never opened.`,
    );
  return found;
}

const identityOf = ({ slot, ...rest }: CommandParams<'openSlot'>['slot']): SenderIdentity => ({
  id: slot,
  ...rest,
  rtxSsrc: rest.rtxSsrc,
});
