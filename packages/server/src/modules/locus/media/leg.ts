// The media of one device: its ROAP exchange and its transport.
import type { MediaServer, MediaTransport, Negotiation, VideoCodec } from '@trunkline/media-server';
import { createRoapMachine, type RoapMachine, type RoapMessage } from '@trunkline/wire';
import { ApiError } from '../../../kernel/http/errors.js';
import type { DeviceMedia } from '../model.js';
import type { LegView } from './plan.js';

/** Every browser has VP8, and recordings are in it. */
const videoCodecs: readonly VideoCodec[] = [
  'vp8',
  'h264-constrained-baseline',
  'h264-baseline',
  'h264-main',
  'h264-constrained-high',
  'h264-high',
];

/** ms that an offer waits for an engine that is being restarted */
const engineWaitMs = 8_000;

type Kind = 'audio' | 'video' | 'slides';

export interface LegEvents {
  /** media flows, or it stopped: the client has to negotiate again */
  connected(connected: boolean): void;
  negotiated(): void;
}

export interface Leg extends LegView {
  readonly mediaId: string;
  readonly transport: MediaTransport;
  readonly media: DeviceMedia | undefined;
  /** media section of a kind; undefined when the client did not offer it */
  mid(kind: Kind): string | undefined;
  /**
   * Takes a message of the client and returns what to send it. Another `mediaId` than before is that of a new peer
   * connection: a new exchange.
   */
  receive(mediaId: string, message: RoapMessage): Promise<readonly RoapMessage[]>;
  close(): Promise<void>;
}

const midsOf = ({ tracks, slots }: Negotiation): Partial<Record<Kind, string>> => {
  const audio = [...tracks, ...slots].find(({ kind }) => kind === 'audio')?.mid;
  // sections in the order of the offer: the picture of the user first, then the screen
  const videos = [
    ...new Set([...tracks, ...slots].filter(({ kind }) => kind === 'video').map(({ mid }) => mid)),
  ].sort((a, b) => Number(a) - Number(b));
  const slides = tracks.find((track) => track.slides)?.mid ?? videos[1];
  const video = videos.find((mid) => mid !== slides);
  return {
    ...(audio !== undefined && { audio }),
    ...(video !== undefined && { video }),
    ...(slides !== undefined && { slides }),
  };
};

export async function createLeg(server: MediaServer, deviceKey: string, events: LegEvents): Promise<Leg> {
  const transport = await server.createTransport();
  let mediaId = '';
  let machine: RoapMachine = createRoapMachine({ role: 'service' });
  let negotiation: Negotiation | undefined;
  let mids: Partial<Record<Kind, string>> = {};
  let connected = false;
  let turn: Promise<unknown> = Promise.resolve();

  const setConnected = (now: boolean): void => {
    if (now === connected) return;
    connected = now;
    events.connected(now);
  };
  transport.on('state', ({ to }) => {
    if (to === 'open') setConnected(true);
    else if (to === 'failed' || to === 'lost') setConnected(false);
  });

  const sends = (kind: Kind): boolean =>
    mids[kind] !== undefined && (negotiation?.tracks.some(({ mid }) => mid === mids[kind]) ?? false);
  const receives = (kind: Kind): boolean =>
    mids[kind] !== undefined && (negotiation?.slots.some(({ mid }) => mid === mids[kind]) ?? false);
  const direction = (kind: Kind): DeviceMedia['audio'] => {
    if (sends(kind)) return receives(kind) ? 'sendrecv' : 'sendonly';
    return receives(kind) ? 'recvonly' : 'inactive';
  };

  /** Answers; while the engine is being restarted, when the next one runs. */
  async function acceptWhenRunning(sdp: string): Promise<Negotiation> {
    const options = { videoCodecs, originName: 'trunkline' };
    const restarted = new AbortController();
    const running = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, engineWaitMs);
      restarted.signal.addEventListener('abort', () => {
        clearTimeout(timer);
      });
      transport.on(
        'renegotiate',
        () => {
          resolve();
        },
        { signal: restarted.signal },
      );
    });
    try {
      return await transport.accept(sdp, options);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'ERR_MEDIA_ENGINE_LOST') throw error;
      await running;
      return await transport.accept(sdp, options);
    } finally {
      restarted.abort();
    }
  }

  async function accept(sdp: string): Promise<string> {
    negotiation = await acceptWhenRunning(sdp);
    mids = midsOf(negotiation);
    return negotiation.answer;
  }

  async function carryOut(message: RoapMessage): Promise<readonly RoapMessage[]> {
    const replies: RoapMessage[] = [];
    const pending = [...machine.input({ type: 'message', message }).effects];
    for (let effect = pending.shift(); effect !== undefined; effect = pending.shift())
      switch (effect.do) {
        case 'send':
          replies.push(effect.message);
          break;
        case 'applyOffer':
          try {
            const sdp = await accept(effect.sdp);
            pending.push(...machine.input({ type: 'answerReady', sdp }).effects);
            events.negotiated();
          } catch (error) {
            const cause = error instanceof Error ? error.message : 'The offer cannot be answered.';
            pending.push(...machine.input({ type: 'localFailure', cause }).effects);
          }
          break;
        case 'fail':
          // the next offer begins a new exchange, with a higher number
          machine = createRoapMachine({ role: 'service', seq: machine.seq });
          break;
        case 'createOffer':
        case 'applyAnswer':
        case 'dropOffer':
        case 'abandon':
        case 'done':
          // this service makes no offers
          break;
      }
    return replies;
  }

  return {
    deviceKey,
    transport,
    get mediaId() {
      return mediaId;
    },
    get sendsAudio() {
      return sends('audio');
    },
    get sendsVideo() {
      return sends('video');
    },
    get sendsSlides() {
      return sends('slides');
    },
    get media() {
      if (negotiation === undefined) return undefined;
      return {
        mediaId,
        audio: direction('audio'),
        video: direction('video'),
        slides: direction('slides'),
        connected,
        multistream: false,
      };
    },
    mid: (kind) => mids[kind],
    receive: (given, message) => {
      const result = turn.then(() => {
        if (given !== mediaId) machine = createRoapMachine({ role: 'service' });
        mediaId = given;
        if (transport.state === 'closed') throw new ApiError(409, 'This device has left the meeting.');
        return carryOut(message);
      });
      turn = result.catch(() => undefined);
      return result;
    },
    close: () => transport.close(),
  };
}
