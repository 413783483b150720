import { joseHeader, type KmsEventData, type KmsRequest, type KmsResponse } from '@trunkline/wire';
import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import { race, randomUuid } from '@trunkline/core/kit';
import { kmsTimeout, refusal } from './kms-errors.js';
import { fetchKms, type TrustedKms } from '../trust/kms-info.js';
import {
  beginExchange,
  isFresh,
  openExchangeAnswer,
  openSessionAnswer,
  sealForExchange,
  sealForSession,
  type KmsSession,
} from './kms-session.js';
import { createKmsTransport } from './kms-transport.js';
import type { KmsOperation } from '../types.js';
import { createBounds } from './waiting.js';

/** `onBehalfOf`: the uuid of the person whose rights count, for a compliance officer. */
export type BehalfInit = CallInit & { readonly onBehalfOf?: string };

export interface KmsClient {
  /**
   * One request and its answer, sent again as often as need be.
   *
   * @throws {SdkError} `ERR_KEY_DENIED`, `ERR_KMS`, `ERR_KMS_TIMEOUT`, `ERR_KMS_INVALID`; the signal's reason
   */
  request(operation: KmsOperation, init?: BehalfInit): Promise<KmsResponse>;
  /** The answer to a request that another service handed on. Undefined when it is for another client. */
  unwrap(message: string): Promise<KmsResponse | undefined>;
  /** One request as JWE, for another service to hand on. */
  wrap(operation: KmsOperation, init?: CallInit): Promise<string>;
}

/** @source protocol/kms-and-encryption.md §5.1 */
const firstTimeoutMs = 6_000;
const maxAttempts = 4;
/** 6 + 12 + 24 + 48 s, whatever the time was spent on */
const limitMs = 90_000;
const keptSessions = 4;
/** errorCode of "ask there instead" */
export const redirected = 301002;

interface Opening {
  readonly opening: Promise<KmsSession>;
  /** once it is there */
  session?: KmsSession;
}

export function createKmsClient(host: Host): KmsClient {
  const transport = createKmsTransport(host);
  const bounds = createBounds(host.clock);
  // what is known, or being found out; a failure is forgotten, so that the next call tries again
  let kms: { readonly userId: string; readonly trusted: Promise<TrustedKms> } | undefined;
  let current: Opening | undefined;
  let exchangingWith: TrustedKms | undefined;
  // answers to requests of an earlier session may still be under way
  const sessions = new Map<string, KmsSession>();

  host.onWire('encryption.kms_message', (data) => {
    void receive(data);
  });
  host.onClose(() => {
    bounds.abortAll(sdkError('ERR_CLIENT_CLOSED', 'the client was closed while the key service was asked'));
  });

  async function receive({ encryption }: KmsEventData): Promise<void> {
    for (const message of encryption.kmsMessages)
      try {
        const response = await open(message);
        if (response) transport.answer(response);
        // clients that share a device get each other's answers
        else host.log.debug({}, 'a message of the key service is not for this client');
      } catch (error) {
        // the caller that waits for it times out and asks again
        host.log.warn(
          { error: isSdkError(error) ? error.code : 'unreadable' },
          'a message of the key service cannot be read',
        );
      }
  }

  function open(message: string): Promise<KmsResponse | undefined> | undefined {
    const header = joseHeader(message);
    if (header?.parts === 3)
      return exchangingWith && header.kid === exchangingWith.kid
        ? openExchangeAnswer(exchangingWith, message)
        : undefined;
    if (header?.parts !== 5) return undefined;
    const session = header.kid === undefined ? current?.session : sessions.get(header.kid);
    return session && openSessionAnswer(session, message);
  }

  function trustedKms(userId: string): Promise<TrustedKms> {
    if (kms?.userId === userId) return kms.trusted;
    const trusted = fetchKms(host, userId);
    kms = { userId, trusted };
    trusted.catch(() => {
      if (kms?.trusted === trusted) kms = undefined;
    });
    return trusted;
  }

  async function credentials(
    operation: KmsOperation,
    signal: AbortSignal,
    onBehalfOf?: string,
  ): Promise<KmsRequest> {
    const { url: clientId, userId } = await host.connect({ signal });
    const bearer = await host.accessToken({ signal });
    const credential =
      onBehalfOf === undefined ? { userId, bearer } : { userId: onBehalfOf, onBehalfOf, bearer };
    return { ...operation, requestId: randomUuid(), client: { clientId, credential } };
  }

  /** The session, made again when it ends soon, or when the device is another one. Once for all callers. */
  async function openSession(signal: AbortSignal): Promise<KmsSession> {
    const device = await host.connect({ signal });
    const session = current?.session;
    if (session && (!isFresh(session, host.clock.now()) || session.clientId !== device.url))
      current = undefined;
    if (!current) {
      const opening = negotiate(device.userId);
      const mine: Opening = { opening };
      current = mine;
      opening.then(
        (opened) => {
          mine.session = opened;
        },
        () => {
          if (current === mine) current = undefined;
          // the service may have another key than we know: a new one after its data were lost
          kms = undefined;
        },
      );
    }
    return race(current.opening, signal);
  }

  // an operation's own answer is checked by `finish`; this one is bound to no caller's signal, as all share it
  async function negotiate(userId: string): Promise<KmsSession> {
    const trusted = await trustedKms(userId);
    exchangingWith = trusted;
    const exchange = await beginExchange();
    const operation = { method: 'create', uri: `${trusted.cluster}/ecdhe`, jwk: exchange.jwk } as const;
    let clientId = '';
    const response = await insist(operation, {}, async (timeoutMs, signal) => {
      const request = await credentials(operation, signal);
      ({ clientId } = request.client);
      const jwe = await sealForExchange(trusted, request);
      return transport.exchange(
        { requestId: request.requestId, destination: trusted.cluster, jwe },
        timeoutMs,
        signal,
      );
    });
    const session = await exchange.finish(response, trusted, clientId, host.clock.now());
    sessions.set(session.uri, session);
    for (const uri of sessions.keys()) if (sessions.size > keptSessions) sessions.delete(uri);
    return session;
  }

  const forget = (session: KmsSession): void => {
    if (current?.session === session) current = undefined;
  };

  /** Tries within the limits; each time-out doubles. */
  async function insist(
    operation: KmsOperation,
    init: CallInit,
    attempt: (timeoutMs: number, signal: AbortSignal) => Promise<KmsResponse | undefined>,
  ): Promise<KmsResponse> {
    const late = (): Error => kmsTimeout(operation, limitMs);
    const { signal, done } = bounds.start(limitMs, late, init.signal);
    const run = async (): Promise<KmsResponse> => {
      signal.throwIfAborted();
      let waitedMs = 0;
      for (let count = 0; count < maxAttempts; count += 1) {
        const timeoutMs = (init.timeoutMs ?? firstTimeoutMs) * 2 ** count;
        const response = await attempt(timeoutMs, signal);
        if (!response) {
          waitedMs += timeoutMs;
          continue;
        }
        if (typeof response.status !== 'number') throw refusal(operation, { ...response, status: 500 });
        if (response.status >= 400 && response.errorCode !== redirected) throw refusal(operation, response);
        return response;
      }
      throw kmsTimeout(operation, waitedMs);
    };
    try {
      return await race(run(), signal);
    } finally {
      done();
    }
  }

  async function request(operation: KmsOperation, init: BehalfInit = {}): Promise<KmsResponse> {
    let mayRenew = true;
    return insist(operation, init, async function attempt(timeoutMs, signal): Promise<
      KmsResponse | undefined
    > {
      let session: KmsSession | undefined;
      try {
        session = await openSession(signal);
        const sealed = await credentials(operation, signal, init.onBehalfOf);
        const jwe = await sealForSession(session, sealed);
        const message = { requestId: sealed.requestId, destination: session.kms.cluster, jwe };
        const response = await transport.exchange(message, timeoutMs, signal);
        // silence may mean that the service does not know the session any more: it cannot say so under its key
        if (!response) forget(session);
        return response;
      } catch (error) {
        if (!mayRenew || !saysUnknownSession(error)) throw error;
        mayRenew = false;
        if (session) forget(session);
        return attempt(timeoutMs, signal);
      }
    });
  }

  return {
    request,
    unwrap: async (message) => open(message),
    async wrap(operation, init = {}) {
      const late = (): Error => kmsTimeout(operation, limitMs);
      const { signal, done } = bounds.start(limitMs, late, init.signal);
      try {
        const session = await openSession(signal);
        return await sealForSession(session, await credentials(operation, signal));
      } finally {
        done();
      }
    },
  };
}

/** The submission itself was refused, and not for the token or the rate. */
const saysUnknownSession = (error: unknown): boolean =>
  isSdkError(error) && error.status !== undefined && [400, 404, 409, 410, 412, 422].includes(error.status);
