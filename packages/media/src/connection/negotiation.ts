import type { RoapEffect, RoapInput, RoapMachine, RoapMessage } from '@trunkline/wire';
import { readRoapMessage } from '@trunkline/wire';
import { isMediaError, mediaError, type MediaError } from '../errors.js';
import { deferred, type Clock, type Deferred } from '../kit.js';
import { checkOffer, codecMismatches, rejectMids, type CodecMismatch } from '../sdp/check.js';
import { runSdpHandlers, type SdpHandler } from '../sdp/handlers.js';
import { parseSdp, writeSdp } from '../sdp/session.js';
import { completeGathering } from './gathering.js';
import type { Slots } from './slots.js';

export interface NegotiationOptions {
  readonly pc: RTCPeerConnection;
  readonly roap: RoapMachine;
  readonly slots: Slots;
  /** Applies all wishes to the transceivers, before an offer or answer is made. */
  readonly applyWishes: () => Promise<unknown>;
  readonly send: (message: RoapMessage) => unknown;
  readonly local: readonly SdpHandler[];
  readonly remote: readonly SdpHandler[];
  readonly videoCodecs?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly gatheringMs: number;
  readonly answerMs: number;
  /** both sides agree */
  readonly onDone: () => void;
  readonly onMismatch: (mismatches: readonly CodecMismatch[]) => void;
  /** an offer could not be delivered; the exchange could go on */
  readonly onUndelivered: (error: MediaError) => void;
  /** the exchange is at its end; called once */
  readonly onFailure: (error: MediaError) => void;
}

/** Drives one peer connection by a ROAP machine. */
export interface Negotiation {
  /** Asks for an offer; resolves when the other side agreed to one that includes the present wishes. */
  negotiate(): Promise<void>;
  receive(message: RoapMessage): void;
  close(error: MediaError): void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function createNegotiation(options: NegotiationOptions): Negotiation {
  const { pc, roap, slots, clock, send } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const isClosed = (): boolean => signal.aborted;
  /** asked for, not in an offer yet */
  let waiting: Deferred<unknown>[] = [];
  /** in the offer that is under way */
  let covered: Deferred<unknown>[] = [];
  let generation = 0;
  let sentOffer = '';
  let cancelAnswerTimer: (() => void) | undefined;
  let failure: MediaError | undefined;
  let lastError: MediaError | undefined;
  let tail: Promise<void> = Promise.resolve();

  /** Work on the peer connection, one piece after the other. */
  const enqueue = (phase: 'offer' | 'answer', work: () => Promise<void>): void => {
    tail = tail.then(async () => {
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (isClosed()) return;
        lastError = isMediaError(error)
          ? error
          : mediaError('ERR_MEDIA_SDP', phase, `the ${phase} could not be used: ${messageOf(error)}`, {
              cause: error,
            });
        input({ type: 'localFailure', cause: lastError.message });
      }
    });
  };

  const gather = async (): Promise<string> => {
    await completeGathering(pc, clock, options.gatheringMs, signal);
    return pc.localDescription?.sdp ?? '';
  };

  const makeOffer = async (): Promise<void> => {
    const mine = generation;
    covered.push(...waiting);
    waiting = [];
    slots.create();
    await options.applyWishes();
    await pc.setLocalDescription(await pc.createOffer());
    const raw = await gather();
    // given up meanwhile; or closed
    if (mine !== generation || signal.aborted) return;
    const sdp = runSdpHandlers(raw, options.local, { type: 'offer', from: 'local' });
    checkOffer(sdp, options.videoCodecs === undefined ? {} : { videoCodecs: options.videoCodecs });
    sentOffer = sdp;
    input({ type: 'offerReady', sdp });
  };
  const dropOffer = async (): Promise<void> => {
    if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
  };
  const applyAnswer = async (given: string): Promise<void> => {
    const mismatches = codecMismatches(sentOffer, given);
    const answer = parseSdp(runSdpHandlers(given, options.remote, { type: 'answer', from: 'remote' }));
    rejectMids(
      answer,
      mismatches.map(({ mid }) => mid),
    );
    await pc.setRemoteDescription({ type: 'answer', sdp: writeSdp(answer) });
    options.onMismatch(mismatches);
    input({ type: 'answerApplied' });
  };
  const applyOffer = async (given: string): Promise<void> => {
    const sdp = runSdpHandlers(given, options.remote, { type: 'offer', from: 'remote' });
    await pc.setRemoteDescription({ type: 'offer', sdp });
    slots.adopt();
    await options.applyWishes();
    await pc.setLocalDescription(await pc.createAnswer());
    const raw = await gather();
    input({
      type: 'answerReady',
      sdp: runSdpHandlers(raw, options.local, { type: 'answer', from: 'local' }),
    });
  };

  const deliver = async (message: RoapMessage): Promise<void> => {
    const isOffer = message.messageType === 'OFFER';
    if (isOffer)
      cancelAnswerTimer = clock.after(options.answerMs, () => {
        lastError = mediaError(
          'ERR_MEDIA_TIMEOUT',
          'answer',
          `no answer to the offer came within ${String(options.answerMs)} ms; try again.`,
          { retryable: true },
        );
        input({ type: 'answerTimeout' });
      });
    try {
      const response = await send(message);
      const answer = readRoapMessage(response);
      if (answer) receive(answer);
    } catch (error) {
      if (!isOffer && message.messageType !== 'ANSWER') return; // an OK or ERROR that is lost is repeated on demand
      lastError = mediaError(
        'ERR_MEDIA_REFUSED',
        isOffer ? 'offer' : 'answer',
        `the ${isOffer ? 'offer' : 'answer'} could not be delivered: ${messageOf(error)}`,
        { cause: error, retryable: true },
      );
      if (isOffer) input({ type: 'undelivered' });
      else input({ type: 'localFailure', cause: lastError.message });
    }
  };

  const fail = (error: MediaError): void => {
    if (failure) return;
    failure = error;
    cancelAnswerTimer?.();
    for (const one of [...waiting, ...covered]) one.reject(error);
    [waiting, covered] = [[], []];
    options.onFailure(error);
  };

  const perform = (effect: RoapEffect): void => {
    switch (effect.do) {
      case 'createOffer':
        enqueue('offer', makeOffer);
        break;
      case 'abandon':
        if (lastError === undefined) break;
        for (const one of covered) one.reject(lastError);
        covered = [];
        options.onUndelivered(lastError);
        break;
      case 'dropOffer':
        generation += 1;
        waiting.unshift(...covered);
        covered = [];
        cancelAnswerTimer?.();
        enqueue('offer', dropOffer);
        break;
      case 'applyAnswer':
        enqueue('answer', () => applyAnswer(effect.sdp));
        break;
      case 'applyOffer':
        enqueue('offer', () => applyOffer(effect.sdp));
        break;
      case 'send':
        void deliver(effect.message);
        break;
      case 'done':
        for (const one of covered) one.resolve(undefined);
        covered = [];
        options.onDone();
        break;
      case 'fail':
        fail(
          (effect.by === 'local' || effect.errorType === 'TIMEOUT' ? lastError : undefined) ??
            mediaError(
              'ERR_MEDIA_REFUSED',
              'answer',
              `the other side refused: ${effect.errorType}${effect.cause === undefined ? '' : `, ${effect.cause}`}.`,
              { retryable: effect.errorType === 'RETRY' },
            ),
        );
        break;
    }
  };
  const input = (given: RoapInput): void => {
    if (signal.aborted) return;
    const { effects } = roap.input(given);
    if (roap.state !== 'waitingForAnswer' && roap.state !== 'creatingLocalOffer') cancelAnswerTimer?.();
    for (const effect of effects) perform(effect);
  };
  const receive = (message: RoapMessage): void => {
    input({ type: 'message', message });
  };

  return {
    negotiate() {
      if (failure) return Promise.reject(failure);
      const one = deferred();
      waiting.push(one);
      input({ type: 'negotiate' });
      return one.promise.then(() => undefined);
    },
    receive,
    close(error) {
      if (signal.aborted) return;
      cancelAnswerTimer?.();
      for (const one of [...waiting, ...covered]) one.reject(error);
      [waiting, covered] = [[], []];
      failure ??= error;
      closing.abort();
    },
  };
}
