// A key service in memory and a host that carries its messages: all that the engine talks to, seen from outside.
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  webcrypto,
  type KeyObject,
} from 'node:crypto';
import { CompactEncrypt, CompactSign, compactDecrypt } from 'jose';
import { joseHeader, type KmsRequest, type KmsResponse, type KmsSubmission } from '@trunkline/wire';
import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeClock, fakeHost, type FakeClock, type FakeHost } from '@trunkline/testing/fakes';

export const token = 'secret-token-secret-token-secret-token-secret';
export const kmsHost = 'kms.test';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const kid = `kms://${kmsHost}/keys/static`;

// just enough DER for a self-signed certificate
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const name = (cn: string): Buffer =>
  der(0x30, der(0x31, der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(cn)))));
const time = (text: string): Buffer => der(0x17, Buffer.from(text));
/** base64 DER, for `cn` and, when given, the DNS name */
export function certificate(
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  cn: string,
  dns?: string,
): string {
  const algorithm = der(0x30, der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
  const names = dns === undefined ? [] : [der(0x30, der(0x82, Buffer.from(dns)))];
  const extensions = names.map((value) =>
    der(0xa3, der(0x30, der(0x30, der(0x06, Buffer.from('551d11', 'hex')), der(0x04, value)))),
  );
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name('issuer.test'),
    der(0x30, time('250101000000Z'), time('450101000000Z')),
    name(cn),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...extensions,
  );
  const signature = sign('sha256', body, keys.privateKey);
  return der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature)).toString('base64');
}

export const staticJwk = (changes: object = {}): string => {
  const { n, e } = createPublicKey(rsa.publicKey.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  });
  return JSON.stringify({ kty: 'RSA', kid, n, e, x5c: [certificate(rsa, kmsHost)], ...changes });
};

export interface TestKms {
  readonly host: FakeHost;
  readonly clock: FakeClock;
  /** bodies of POST kms/messages */
  readonly submissions: KmsSubmission[];
  /** requests as the key service read them */
  readonly requests: KmsRequest[];
  /** keys it gives, by URL */
  readonly keys: Map<string, string>;
  /** what is done with a request; undefined: as usual. `silence`: no answer */
  answer: (request: KmsRequest) => Partial<KmsResponse> | 'silence' | undefined;
  /** changes an answer on its way */
  tamper: (message: string) => string;
  /** what GET kms/USER says */
  info: unknown;
  infoRequests: number;
  /** the sessions it knows; delete one to forget it */
  readonly sessions: Map<string, Uint8Array>;
  readonly device: { url: string };
  newKey(): { readonly uri: string; readonly k: string };
}

const { subtle } = webcrypto;

export function testKms(): TestKms {
  const clock = fakeClock();
  const device = { url: 'https://cloud.test/devices/1' };
  const host = fakeHost({
    clock,
    accessToken: () => Promise.resolve(token),
    connect: () =>
      Promise.resolve({
        url: device.url,
        webSocketUrl: 'wss://cloud.test',
        userId: 'user-1',
        features: { developer: [], entitlement: [], user: [] },
      }),
    request: (options) => serve(options),
  });
  const kms: TestKms = {
    host,
    clock,
    submissions: [],
    requests: [],
    keys: new Map(),
    answer: () => undefined,
    tamper: (message) => message,
    info: { kmsCluster: `kms://${kmsHost}`, rsaPublicKey: staticJwk() },
    infoRequests: 0,
    sessions: new Map(),
    device,
    newKey: () => {
      const uri = `kms://${kmsHost}/keys/${randomUUID()}`;
      // any 32 bytes
      const k = createHmac('sha256', 'test').update(uri).digest('base64url');
      kms.keys.set(uri, k);
      return { uri, k };
    },
  };

  const serve = async (options: RequestOptions): Promise<unknown> => {
    if (options.path?.startsWith('kms/') === true && options.method === undefined) {
      kms.infoRequests += 1;
      return kms.info;
    }
    if (options.path !== 'kms/messages') throw sdkError('ERR_NOT_FOUND', 'no such route');
    const submission = options.body as KmsSubmission;
    kms.submissions.push(submission);
    for (const message of submission.kmsMessages) await take(message);
    return '{}';
  };

  const push = (message: string): void => {
    const data = {
      eventType: 'encryption.kms_message',
      encryption: { kmsMessages: [kms.tamper(message)] },
    } as const;
    // the engine takes it and returns nothing
    void host.fire('encryption.kms_message', data);
  };

  async function take(message: string): Promise<void> {
    const header = joseHeader(message);
    if (header?.kid === kid) {
      const { plaintext } = await compactDecrypt(message, rsa.privateKey);
      await agree(JSON.parse(Buffer.from(plaintext).toString()) as KmsRequest);
      return;
    }
    const uri = header?.kid ?? '';
    const secret = kms.sessions.get(uri);
    if (!secret) throw sdkError('ERR_BAD_REQUEST', 'unknown session', { status: 400, errorCode: 1400101 });
    const { plaintext } = await compactDecrypt(message, secret);
    const request = JSON.parse(Buffer.from(plaintext).toString()) as KmsRequest;
    kms.requests.push(request);
    const answer = kms.answer(request) ?? usual(request);
    if (answer === 'silence') return;
    const text = JSON.stringify({ status: 200, ...answer, requestId: request.requestId });
    push(
      await new CompactEncrypt(Buffer.from(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: uri })
        .encrypt(secret),
    );
  }

  async function agree(request: KmsRequest): Promise<void> {
    kms.requests.push(request);
    const given = kms.answer(request);
    if (given === 'silence') return;
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const pair = await subtle.generateKey(curve, true, ['deriveBits']);
    const { x = '', y = '' } = await subtle.exportKey('jwk', pair.publicKey);
    const theirs = await subtle.importKey('jwk', { ...request.jwk, key_ops: [] }, curve, true, []);
    const z = await subtle.deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256);
    const base = await subtle.importKey('raw', z, 'HKDF', false, ['deriveBits']);
    const none = new Uint8Array();
    const secret = await subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: none, info: none },
      base,
      256,
    );
    const uri = `kms://${kmsHost}/ecdhe/${randomUUID()}`;
    kms.sessions.set(uri, new Uint8Array(secret));
    const key = {
      uri,
      jwk: { kty: 'EC', crv: 'P-256', x, y },
      createDate: '2001-01-01T00:00:00Z',
      expirationDate: '2001-01-01T01:00:00Z',
    };
    const text = JSON.stringify({ status: 201, key, ...given, requestId: request.requestId });
    push(
      await new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'RS256', kid }).sign(rsa.privateKey),
    );
  }

  const keyObject = (uri: string, k: string) => ({
    uri,
    jwk: { kty: 'oct', kid: uri, alg: 'A256GCM', k } as const,
  });
  function usual({ method, uri, count = 1, userIds = [], keyUris = [] }: KmsRequest): Partial<KmsResponse> {
    if (uri === '/keys')
      return {
        status: 201,
        keys: Array.from({ length: count }, () => kms.newKey()).map((key) => keyObject(key.uri, key.k)),
      };
    if (uri === '/resources')
      return {
        status: 201,
        resource: { uri: `kms://${kmsHost}/resources/1`, keyUris, authorizationUris: userIds },
      };
    const k = kms.keys.get(uri);
    if (method === 'retrieve' && k !== undefined) return { key: keyObject(uri, k) };
    if (method === 'retrieve' && uri.includes('/keys/'))
      return { status: 404, reason: `no such key, ${token}` };
    return {};
  }
  return kms;
}

const patienceMs = 20_000;
/** Crypto works in threads, so turns of the loop are not measure: a moment of real time, as often as it takes. */
const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Lets what has been answered run its course. */
export async function settle(until: () => boolean): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!until()) {
    if (Date.now() > endMs) throw new Error('timed out');
    await moment();
  }
}

/** The clock goes on until the promise has settled: by default not faster than real time, which crypto needs. */
export async function passing<T>(clock: FakeClock, work: Promise<T>, stepMs = 1): Promise<T> {
  const state = { settled: false };
  const done = (): void => {
    state.settled = true;
  };
  work.then(done, done);
  const isSettled = (): boolean => state.settled;
  const endMs = Date.now() + patienceMs;
  while (!isSettled()) {
    if (Date.now() > endMs) throw new Error('still waiting');
    await moment();
    if (!isSettled()) clock.advance(stepMs);
  }
  return work;
}
