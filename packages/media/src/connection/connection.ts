import { readRoapMessage } from '@trunkline/wire';
import type { MediaEnvironment } from '../environment.js';
import { isMediaError, mediaError, type MediaError } from '../errors.js';
import { createEmitter, deferred, type Clock, type Deferred } from '../kit.js';
import { transcodedHandlers } from '../sdp/handlers.js';
import { createMonitor } from './monitor.js';
import { createRemote, type Remote } from './remote.js';
import { createSession, type Session } from './session.js';
import {
  transcodedSlots,
  type ConnectionState,
  type ConnectionTimeouts,
  type MediaConnection,
  type MediaConnectionEvents,
  type MediaConnectionOptions,
} from './types.js';
import { createTones } from './tones.js';
import { createWishes } from './wishes.js';

/** What a connection depends on. */
export interface ConnectionDependencies {
  readonly environment: MediaEnvironment;
  readonly clock: Clock;
  /** gets errors that no caller waits for, such as that of a listener */
  readonly report: (error: unknown, context: string) => void;
}

const defaultTimeouts: Required<ConnectionTimeouts> = {
  gatheringMs: 5000,
  answerMs: 35_000,
  connectMs: 20_000,
  firstMediaMs: 10_000,
  noPathMs: 12_000,
  graceMs: 10_000,
  oneWayMs: 6000,
};

const oneWay = (direction: 'sending' | 'receiving'): MediaError => {
  const what =
    direction === 'sending'
      ? 'what this side sends does not arrive: packets get lost on the way out.'
      : 'nothing arrives from the other side.';
  return mediaError('ERR_MEDIA_PATH', 'ice', what, { retryable: true });
};

/** Makes a connection; nothing is opened before `connect`, or the first offer of the other side. */
export function createConnection(
  { environment, clock, report }: ConnectionDependencies,
  options: MediaConnectionOptions,
): MediaConnection {
  const {
    role = 'client',
    slots: definitions = transcodedSlots,
    directions = {},
    autoReconnect = true,
    maxReconnects = 3,
    statsIntervalMs = 1000,
  } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const handlers = { ...transcodedHandlers(), ...options.handlers };
  const emitter = createEmitter<MediaConnectionEvents>((error, type) => {
    report(error, `a listener of connection.on('${type}')`);
  });

  let state: ConnectionState = 'idle';
  let failure: MediaError | undefined;
  let session: Session | undefined;
  /** the session on which media has flowed */
  let flowing: Session | undefined;
  let seq = 0;
  let attempts = 0;
  let iceServers = options.iceServers ?? [];
  let ready: Deferred<unknown> | undefined;
  let cancelFirstMedia: (() => void) | undefined;
  let remote: Remote | undefined;
  const problems = new Map<string, MediaConnectionEvents['problem']>();

  const setState = (to: ConnectionState, error?: MediaError): void => {
    if (state === to || state === 'closed') return;
    const from = state;
    state = to;
    failure = error;
    emitter.emit('state', { from, to, ...(error && { error }) });
  };
  const problem = (key: string, event: MediaConnectionEvents['problem']): void => {
    if (problems.has(key)) return;
    problems.set(key, event);
    emitter.emit('problem', event);
  };
  const recovered = (key: string): void => {
    const direction = problems.get(key)?.direction;
    if (problems.delete(key) && direction) emitter.emit('recovered', { direction });
  };
  const apply = async (slot: string): Promise<void> => {
    const now = session;
    if (now && (await now.apply(slot)) && now === session) await now.negotiate();
  };
  /** Applies a change of the wishes; takes it back when the other side never learned of it. */
  const change = async (slot: string, undo: () => void): Promise<void> => {
    const before = session;
    try {
      await apply(slot);
    } catch (error) {
      if (before !== undefined && before === session) {
        undo();
        await before.apply(slot);
      }
      throw error;
    }
  };
  const inBackground = (work: Promise<unknown>, context: string): void => {
    work.catch((error: unknown) => {
      if (state !== 'closed') report(error, context);
    });
  };

  const wishes = createWishes(definitions, directions, (slot) => {
    inBackground(apply(slot), `connection: replacing the track of ${slot}`);
  });
  const getRemote = (): Remote =>
    (remote ??= createRemote(environment, definitions, (slot, stream, live) => {
      emitter.emit('remote', { slot, stream, live });
    }));
  const monitor = createMonitor({
    clock,
    intervalMs: statsIntervalMs,
    oneWayMs: timeouts.oneWayMs,
    sending: () => wishes.sending,
    emit: emitter.emit,
    onFlows: () => {
      mediaFlows();
    },
    onBlocked: (blocked) => {
      // silence is known a second before ICE gives the path up
      if (blocked === 'receiving' && state === 'connected') setState('reconnecting');
      else if (blocked === undefined && session?.connected === true && flowing === session) mediaFlows();
      for (const direction of ['sending', 'receiving'] as const)
        if (blocked === direction) problem(direction, { direction, error: oneWay(direction) });
        else recovered(direction);
    },
  });

  const tones = createTones(() => {
    const audio = definitions.find(({ kind }) => kind === 'audio');
    return audio && session?.slots.get(audio.name)?.sender.dtmf;
  });

  const mediaFlows = (): void => {
    flowing = session;
    cancelFirstMedia?.();
    cancelFirstMedia = undefined;
    if (state !== 'connecting' && state !== 'reconnecting') return;
    attempts = 0;
    problems.delete('slow');
    setState('connected');
    ready?.resolve(undefined);
    ready = undefined;
  };
  const giveUp = (error: MediaError): void => {
    drop();
    setState('failed', error);
    ready?.reject(error);
    ready = undefined;
  };
  const drop = (): void => {
    cancelFirstMedia?.();
    cancelFirstMedia = undefined;
    monitor.stop();
    if (session === undefined) return;
    tones.stop(mediaError('ERR_MEDIA_ENDED', 'first-media', 'connection.sendTones: the connection ended.'));
    seq = session.seq;
    session.close();
    session = flowing = undefined;
  };
  const onEnd = (error: MediaError): void => {
    const wasUp = state === 'connected' || state === 'reconnecting';
    if (!wasUp || !autoReconnect || role !== 'client' || attempts >= maxReconnects) {
      giveUp(error);
      return;
    }
    attempts += 1;
    setState('reconnecting');
    start(true);
  };

  /** A new peer connection in place of the present one. */
  const start = (offer: boolean): void => {
    drop();
    const { configuration } = options;
    let mine: Session | undefined = undefined;
    try {
      mine = session = createSession({
        environment,
        clock,
        role,
        seq,
        timeouts,
        configuration: {
          bundlePolicy: options.bundlePolicy ?? 'max-compat',
          ...configuration,
          iceServers: [
            ...(configuration?.iceServers ?? []),
            // browsers take arrays that may be changed
            ...iceServers.map(({ urls, ...rest }) => ({
              ...rest,
              urls: typeof urls === 'string' ? urls : [...urls],
            })),
          ],
        },
        wishes: () => wishes.all(),
        send: options.send,
        local: handlers.local,
        remote: handlers.remote,
        videoCodecs: options.videoCodecs,
        onAgreed: (slots) => {
          getRemote().show(slots);
        },
        onMismatch: (mismatches) => {
          const present = new Set(mismatches.map(({ mid }) => `codec ${mid}`));
          for (const key of problems.keys())
            if (key.startsWith('codec ') && !present.has(key)) problems.delete(key);
          for (const { mid, error } of mismatches) {
            const slot = definitions[Number(mid)]?.name;
            problem(`codec ${mid}`, { error, ...(slot !== undefined && { slot }) });
          }
        },
        onConnected: () => {
          // the path that came back by itself has carried media before
          if (statsIntervalMs === 0 || flowing === mine) mediaFlows();
          else if (state === 'connecting' || state === 'reconnecting') {
            cancelFirstMedia?.();
            cancelFirstMedia = clock.after(timeouts.firstMediaMs, () => {
              const message = `connected, but no media came through within ${String(timeouts.firstMediaMs)} ms.`;
              onEnd(mediaError('ERR_MEDIA_PATH', 'first-media', message, { retryable: true }));
            });
          }
        },
        onInterrupted: () => {
          if (state === 'connected') setState('reconnecting');
        },
        onSlow: (error) => {
          problem('slow', { error, direction: 'both' });
        },
        onEnd,
      });
    } catch (error) {
      giveUp(
        isMediaError(error)
          ? error
          : mediaError('ERR_ENVIRONMENT', 'offer', `connection: ${String(error)}`, { cause: error }),
      );
      return;
    }
    monitor.start(session);
    // a failure ends the session, and so is passed to onEnd
    if (offer) session.negotiate().catch(() => undefined);
  };
  const closedError = (): MediaError =>
    mediaError('ERR_MEDIA_ENDED', 'offer', 'connection: it was closed. Make a new one.');
  const begin = (to: ConnectionState, offer: boolean): Promise<void> => {
    ready ??= deferred();
    const promise = ready.promise.then(() => undefined);
    // the state says it, too
    promise.catch(() => undefined);
    setState(to);
    start(offer);
    return promise;
  };

  return {
    on: emitter.on,
    once: emitter.once,
    get state() {
      return state;
    },
    get error() {
      return failure;
    },
    get problems() {
      return [...problems.values()];
    },
    get remote() {
      return getRemote().streams;
    },
    get stats() {
      return monitor.stats;
    },
    get networkQuality() {
      return monitor.quality;
    },
    get speaking() {
      return monitor.speaking;
    },
    get peerConnection() {
      return session?.pc;
    },
    connect() {
      if (state === 'closed') return Promise.reject(closedError());
      if (state === 'connected') return Promise.resolve();
      if (ready) return ready.promise.then(() => undefined);
      return begin('connecting', true);
    },
    receive(given) {
      const message = readRoapMessage(given);
      if (message === undefined) {
        report(
          mediaError('ERR_MEDIA_SDP', 'answer', 'connection.receive: expected a ROAP message.'),
          'connection.receive',
        );
        return;
      }
      if (session === undefined && message.messageType === 'OFFER' && state === 'idle') {
        // no caller awaits it: the state says how it went
        void begin('connecting', false);
      }
      session?.receive(message);
    },
    async setSource(slot, source) {
      if (state === 'closed') throw closedError();
      await change(slot, wishes.setSource(slot, source));
    },
    async setDirection(slot, direction) {
      if (state === 'closed') throw closedError();
      await change(slot, wishes.setDirection(slot, direction));
    },
    async negotiate() {
      if (state === 'closed') throw closedError();
      await session?.negotiate();
    },
    reconnect(more = {}) {
      if (state === 'closed') return Promise.reject(closedError());
      if (more.iceServers) ({ iceServers } = more);
      attempts = 0;
      return begin(state === 'idle' || state === 'connecting' ? 'connecting' : 'reconnecting', true);
    },
    sendTones: (digits, toneOptions) => tones.send(digits, toneOptions),
    close() {
      if (state === 'closed') return;
      drop();
      wishes.close();
      remote?.clear();
      ready?.reject(closedError());
      ready = undefined;
      setState('closed');
      emitter.removeAllListeners();
    },
  };
}
