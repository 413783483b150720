import { mediaError } from '../errors.js';
import type { EngineOptions } from '../engine/engine.js';
import { createInlineLink } from '../engine/inline.js';
import type { EngineLink } from '../engine/link.js';
import type { EmitEvent, EventName, EventParams } from '../engine/protocol.js';
import { createSupervisor, type ChildEntry } from '../engine/supervisor.js';
import type {
  MediaServer,
  MediaServerEvents,
  MediaServerOptions,
  PlayerEvents,
  RecorderEvents,
  TapEvents,
} from '../port/types.js';
import { createContext } from './context.js';
import { createEmitter, type Emitter } from './emitter.js';
import { createMix, type Mix } from './mix.js';
import { createTransport, type Transport } from './transport.js';

const defaultConnectTimeoutMs = 15_000;

function resolveOptions(options: MediaServerOptions): EngineOptions {
  const {
    port = 0,
    host = '127.0.0.1',
    announcedAddresses = [],
    connectTimeoutMs = defaultConnectTimeoutMs,
  } = options;
  const [first, last] = typeof port === 'number' ? [port, port] : port;
  const isPort = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65_535;
  if (!isPort(first) || !isPort(last) || first > last)
    throw mediaError(
      'ERR_MEDIA_ARGUMENT',
      'setup',
      `port: expected 0 to 65535, or a first and a last one in order, got ${JSON.stringify(port)}.`,
    );
  return {
    transport: options.transport ?? 'auto',
    opus: options.opus ?? 'auto',
    ...{ host, port: first, lastPort: last, announcedAddresses, connectTimeoutMs },
  };
}

/** From `dist/FORMAT/server`. It says where the engine's program is, which a file of two formats cannot say itself. */
const childModule: string = '../../../bin/child.cjs';

async function childEntry(given: ChildEntry | undefined): Promise<ChildEntry> {
  if (given) return given;
  const { engineFile } = (await import(childModule)) as { readonly engineFile: string };
  return { file: engineFile, execArgv: [] };
}

/**
 * Starts the media server: an engine in a child process, which is restarted when it dies.
 *
 * @throws ERR_MEDIA_ENGINE_START when the child process does not start
 * @throws ERR_MEDIA_TRANSPORT (phase setup) when no UDP port can be opened
 * @example
 * const media = await createMediaServer({ port: 40000 });
 * const ana = await media.createTransport();
 * const { answer } = await ana.accept(offerOfAna);
 * await ben.slot('1')?.route(ana.track('1'));
 */
export async function createMediaServer(options: MediaServerOptions = {}): Promise<MediaServer> {
  const engine = resolveOptions(options);
  const reportError = (error: unknown): void => {
    emitter.emit('trouble', {
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  };
  const emitter = createEmitter<MediaServerEvents>(() => undefined);
  const transports = new Map<string, Transport>();
  const mixes = new Map<string, Mix>();
  const recorders = new Map<string, Emitter<RecorderEvents>>();
  const players = new Map<string, Emitter<PlayerEvents>>();
  const taps = new Map<string, Emitter<TapEvents> & { readonly track: string }>();
  let state: MediaServer['state'] = 'running';
  let lostReason = '';

  const handlers: { readonly [Name in EventName]: (params: EventParams<Name>) => void } = {
    transportState: ({ transport, state: to, phase }) => transports.get(transport)?.onState(to, phase),
    transportDtmf: (params) => transports.get(params.transport)?.onEngine({ name: 'dtmf', params }),
    transportChannel: (params) => transports.get(params.transport)?.onEngine({ name: 'channel', params }),
    transportMessage: (params) => transports.get(params.transport)?.onEngine({ name: 'message', params }),
    slotLayer: (params) => transports.get(params.transport)?.onEngine({ name: 'layer', params }),
    speakers: ({ mix, speaking, dominant }) => mixes.get(mix)?.onSpeakers({ speaking, dominant }),
    recorderEnded: ({ recorder, message }) => recorders.get(recorder)?.emit('ended', { reason: message }),
    playerEnded: ({ player }) => {
      const one = players.get(player);
      players.delete(player);
      one?.emit('ended', { reason: 'finished' });
    },
    tapAudio: ({ tap, samples, atMs }) => taps.get(tap)?.emit('audio', { samples, atMs }),
    trouble: ({ message }) => {
      emitter.emit('trouble', { message });
    },
  };
  const onEvent: EmitEvent = (name, params) => {
    handlers[name](params);
  };
  const onLost = (reason: string): void => {
    state = 'restarting';
    lostReason = reason;
    emitter.emit('engineLost', { reason });
    for (const transport of transports.values()) transport.onState('lost', 'media');
    for (const one of recorders.values()) one.emit('ended', { reason: `the engine ended (${reason})` });
    for (const one of players.values()) one.emit('ended', { reason: 'lost' });
    recorders.clear();
    players.clear();
  };
  const onRestarted = (): void => {
    state = 'running';
    for (const transport of transports.values()) transport.restore();
    for (const mix of mixes.values()) mix.restore();
    for (const [tap, { track }] of taps) void context.intend('openTap', { tap, track }).catch(reportError);
    emitter.emit('engineRestarted', {});
    for (const transport of transports.values()) transport.renegotiate(lostReason);
  };

  const linkEvents = { onEvent, onLost, onRestarted };
  let pid: () => number | undefined = () => undefined;
  let link: EngineLink;
  if (options.mode === 'inline') link = await createInlineLink(engine, linkEvents);
  else {
    const supervisor = await createSupervisor(
      { engine, entry: await childEntry(options.engineProgram) },
      linkEvents,
    );
    link = supervisor;
    pid = supervisor.pid;
  }
  const context = createContext(() => link, reportError);
  const mustRun = (call: string): void => {
    if (state === 'closed')
      throw mediaError('ERR_MEDIA_CLOSED', 'setup', `${call}: the media server is closed.`);
  };

  return {
    on: (name, listener, init) => emitter.on(name, listener, init),
    get state() {
      return state;
    },
    get enginePid() {
      return pid();
    },
    createTransport: async () => {
      mustRun('createTransport');
      const id = context.id('t');
      const transport = createTransport(id, context, () => transports.delete(id));
      transports.set(id, transport);
      await context.intend('openTransport', { transport: id });
      return transport;
    },
    createMix: async () => {
      mustRun('createMix');
      const id = context.id('m');
      // a slot's id begins with its transport's
      const transportOf = (slot: string) => slot.split(/[:#]/, 1)[0] ?? '';
      const mix = createMix(id, context, transportOf, () => mixes.delete(id));
      mixes.set(id, mix);
      await context.intend('openMix', { mix: id });
      return mix;
    },
    createRecorder: async ({ path, tracks }) => {
      mustRun('createRecorder');
      const recorder = context.id('r');
      const events = createEmitter<RecorderEvents>(reportError);
      await context.call('openRecorder', {
        recorder,
        path,
        tracks: tracks.map(({ name, kind, track }) => ({ name, kind, track: track?.id })),
      });
      recorders.set(recorder, events);
      return {
        path,
        on: (name, listener, init) => events.on(name, listener, init),
        route: async (name, track) => {
          await context.call('routeRecorder', { recorder, name, track: track?.id });
        },
        stop: async () => {
          recorders.delete(recorder);
          return context.call('stopRecorder', { recorder });
        },
      };
    },
    createPlayer: async ({ file, samples, loop }) => {
      mustRun('createPlayer');
      if ((file === undefined) === (samples === undefined))
        throw mediaError(
          'ERR_MEDIA_ARGUMENT',
          'play',
          'createPlayer: expected exactly one of file and samples.',
        );
      const player = context.id('p');
      const events = createEmitter<PlayerEvents>(reportError);
      players.set(player, events);
      try {
        await context.call('openPlayer', { player, file, samples, loop });
      } catch (error) {
        players.delete(player);
        throw error;
      }
      return {
        track: { id: player },
        on: (name, listener, init) => events.on(name, listener, init),
        close: async () => {
          players.delete(player);
          await context.intend('closePlayer', { player });
        },
      };
    },
    createTap: async (track) => {
      mustRun('createTap');
      const tap = context.id('a');
      const events = createEmitter<TapEvents>(reportError);
      taps.set(tap, { ...events, track: track.id });
      await context.intend('openTap', { tap, track: track.id });
      return {
        on: (name, listener, init) => events.on(name, listener, init),
        close: async () => {
          taps.delete(tap);
          await context.intend('closeTap', { tap });
        },
      };
    },
    stats: () => context.call('stats', {}),
    close: async () => {
      if (state === 'closed') return;
      state = 'closed';
      for (const transport of transports.values()) transport.onState('closed');
      for (const all of [transports, mixes, recorders, players, taps]) all.clear();
      await link.close();
      emitter.removeAll();
    },
  };
}
