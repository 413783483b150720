import { expect } from 'chai';
import { generateKeyPairSync } from 'node:crypto';
import { isSdkError, type SdkError } from '@trunkline/core';
import {
  certificate,
  kmsHost,
  passing,
  settle,
  staticJwk,
  testKms,
  token,
  type TestKms,
} from '../test/kit.js';
import { createEncryption } from './create-encryption.js';
import { nodeCrypto } from './content/crypto-node.js';
import { webCrypto } from './content/crypto-web.js';
import { nodeFiles } from './files/files-node.js';
import { webFiles } from './files/files-web.js';
import type { Encryption } from './types.js';

const failure = (work: Promise<unknown>): Promise<SdkError> =>
  work.then(
    () => {
      throw new Error('it went well');
    },
    (error: unknown) => {
      if (!isSdkError(error)) throw error;
      return error;
    },
  );

describe('Encryption', () => {
  let kms: TestKms;
  let encryption: Encryption;
  const during = <T>(work: T | Promise<T>): Promise<T> => passing(kms.clock, Promise.resolve(work));
  const urisAsked = (): string[] => kms.requests.map(({ uri }) => uri.replace(/[^/]+$/, ''));
  beforeEach(() => {
    kms = testKms();
    encryption = createEncryption(kms.host, nodeCrypto, () => Promise.resolve(nodeFiles));
  });
  afterEach(() => kms.host.close());

  it('does nothing before it is used', () => {
    expect(kms.host.connects).to.equal(0);
    expect(kms.clock.pending).to.equal(0);
  });

  it('agrees on a session, makes keys and encrypts with them without asking again', async () => {
    const keys = await during(encryption.createKeys(2));
    expect(keys).to.have.length(2);
    const uri = keys[0]?.uri ?? '';
    const jwe = encryption.encryptText(uri, 'hello');
    expect(jwe).to.be.a('string');
    expect(encryption.decryptText(uri, jwe as string)).to.equal('hello');
    expect(kms.requests.map(({ method, uri: asked }) => `${method} ${asked}`)).to.eql([
      `create kms://${kmsHost}/ecdhe`,
      'create /keys',
    ]);
    expect(kms.requests[1]).to.deep.include({
      count: 2,
      client: { clientId: kms.device.url, credential: { userId: 'user-1', bearer: token } },
    });
    expect(JSON.stringify(kms.submissions)).not.to.contain(token);
  });

  it('retrieves a key once for all who ask, then has it', async () => {
    const { uri, k } = kms.newKey();
    const [one, two] = await during(Promise.all([encryption.getKey(uri), encryption.getKey(uri)]));
    expect(one.jwk.k).to.equal(k);
    expect(two).to.equal(one);
    await encryption.getKey(uri);
    expect(kms.requests).to.have.length(2);
    expect(kms.infoRequests).to.equal(1);
  });

  it('sends what is asked for in one go together', async () => {
    await during(encryption.ping());
    kms.submissions.length = 0;
    const uris = Array.from({ length: 60 }, () => kms.newKey().uri);
    await during(Promise.all(uris.map((uri) => encryption.getKey(uri))));
    const sizes = kms.submissions.map(({ kmsMessages }) => kmsMessages.length);
    expect(sizes.reduce((sum, size) => sum + size)).to.equal(60);
    expect(Math.max(...sizes)).to.be.at.most(50);
    expect(sizes.length).to.be.below(6);
    expect(kms.submissions[0]?.destination).to.equal(`kms://${kmsHost}`);
  });

  it('works with WebCrypto as with node:crypto', async () => {
    const web = createEncryption(kms.host, webCrypto, () => Promise.resolve(webFiles));
    const { uri } = kms.newKey();
    const jwe = await during(web.encryptText(uri, 'from the web'));
    expect(await during(encryption.decryptText(uri, jwe))).to.equal('from the web');
    await kms.host.close();
  });

  it('follows a redirection, once', async () => {
    const { uri, k } = kms.newKey();
    const old = `kms://${kmsHost}/keys/old`;
    kms.answer = (request) =>
      request.uri === old ? { status: 301, errorCode: 301002, redirectUri: uri } : undefined;
    expect((await during(encryption.getKey(old))).jwk.k).to.equal(k);
  });

  it('remembers a refusal for 30 s, without what the service repeated of the token', async () => {
    const uri = `kms://${kmsHost}/keys/strange`;
    const error = await failure(during(encryption.getKey(uri)));
    expect(error).to.include({ code: 'ERR_KEY_DENIED', status: 404, retryable: false });
    expect(`${error.message}${JSON.stringify(error)}`).not.to.contain(token);
    expect((await failure(encryption.getKey(uri))).code).to.equal('ERR_KEY_DENIED');
    expect(kms.requests).to.have.length(2);
    kms.clock.advance(30_001);
    kms.keys.set(uri, kms.newKey().k);
    expect((await during(encryption.getKey(uri))).uri).to.equal(uri);
  });

  it('asks again for who wants to know how it stands now', async () => {
    const { uri, k } = kms.newKey();
    await during(encryption.getKey(uri));
    kms.keys.delete(uri);
    expect((await encryption.getKey(uri)).jwk.k).to.equal(k);
    expect((await failure(during(encryption.getKey(uri, { fresh: true })))).code).to.equal('ERR_KEY_DENIED');
    kms.keys.set(uri, k);
    expect((await during(encryption.getKey(uri, { fresh: true }))).jwk.k).to.equal(k);
  });

  it('asks again when the clock was set back, rather than refuse for an hour', async () => {
    const uri = `kms://${kmsHost}/keys/strange`;
    expect((await failure(during(encryption.getKey(uri)))).code).to.equal('ERR_KEY_DENIED');
    kms.clock.advance(-3_600_000);
    kms.keys.set(uri, kms.newKey().k);
    expect((await during(encryption.getKey(uri))).uri).to.equal(uri);
  });

  it('does not let an activity choose what is asked of the key service', async () => {
    for (const uri of ['/publicKey', 'https://elsewhere/keys/1', 'kms://h/resources/1/authorizations', ''])
      expect((await failure(encryption.getKey(uri))).code).to.equal('ERR_ARGUMENT');
    expect(kms.requests).to.eql([]);
  });

  it('asks again with a new session when no answer comes', async () => {
    const { uri, k } = kms.newKey();
    let silent = 1;
    kms.answer = (request) => (request.method === 'retrieve' && silent-- > 0 ? 'silence' : undefined);
    const work = encryption.getKey(uri);
    await settle(() => {
      if (kms.requests.length < 2) kms.clock.advance(1);
      return kms.requests.length === 2;
    });
    kms.clock.advance(6_000);
    expect((await during(work)).jwk.k).to.equal(k);
    expect(urisAsked()).to.eql([
      `kms://${kmsHost}/`,
      `kms://${kmsHost}/keys/`,
      `kms://${kmsHost}/`,
      `kms://${kmsHost}/keys/`,
    ]);
    const [first, second] = kms.requests.filter(({ method }) => method === 'retrieve');
    expect(first?.requestId).not.to.equal(second?.requestId);
  });

  it('gives up after 90 s, and leaves no timer behind', async () => {
    kms.answer = () => 'silence';
    const started = kms.clock.now();
    const work = encryption.ping();
    const error = await failure(passing(kms.clock, work, 250));
    expect(error).to.include({ code: 'ERR_KMS_TIMEOUT', retryable: true });
    expect(kms.clock.now() - started).to.be.within(90_000, 91_000);
    // what all callers share began a moment later, and ends by its own bound
    kms.clock.advance(5_000);
    await settle(() => kms.clock.pending === 0);
  });

  it('agrees on a new session when the service does not know the old one', async () => {
    await during(encryption.ping());
    kms.sessions.clear();
    await during(encryption.ping());
    expect(kms.requests.filter(({ uri }) => uri.endsWith('/ecdhe'))).to.have.length(2);
  });

  it('renews the session 30 s before its end, and for another device', async () => {
    await during(encryption.ping());
    kms.clock.advance(3_600_000 - 31_000);
    await during(encryption.ping());
    expect(kms.sessions.size).to.equal(1);
    kms.clock.advance(2_000);
    await during(encryption.ping());
    expect(kms.sessions.size).to.equal(2);
    kms.device.url = 'https://cloud.test/devices/2';
    await during(encryption.ping());
    expect(kms.sessions.size).to.equal(3);
    expect(kms.requests.at(-1)?.client.clientId).to.equal(kms.device.url);
  });

  it('shares one agreement among all who begin at once', async () => {
    await during(
      Promise.all([encryption.ping(), encryption.ping(), encryption.wrap({ method: 'create', uri: '/x' })]),
    );
    expect(kms.sessions.size).to.equal(1);
  });

  it('says what the service refused, and what was invalid in its response', async () => {
    kms.answer = ({ uri }) =>
      uri === '/ping' ? { status: 503, reason: `try later Bearer ${token}` } : undefined;
    const refused = await failure(during(encryption.ping()));
    expect(refused).to.include({ code: 'ERR_KMS', status: 503, retryable: true });
    expect(refused.message).to.contain('try later').and.not.contain(token);
    const { uri } = kms.newKey();
    const jwk = (k: string) => ({ kty: 'oct', kid: uri, alg: 'A256GCM', k }) as const;
    for (const key of [undefined, { uri, jwk: jwk('AAAA') }, { uri, jwk: jwk('!') }]) {
      kms.answer = ({ method }) =>
        method === 'retrieve' ? { status: 200, ...(key && { key }), ...(!key && { keys: [] }) } : undefined;
      expect((await failure(during(encryption.getKey(uri)))).code).to.equal('ERR_KMS_INVALID');
    }
    kms.answer = ({ method }) => (method === 'create' ? { status: 201, keys: [] } : undefined);
    expect((await failure(during(encryption.createKeys(1)))).code).to.equal('ERR_KMS_INVALID');
  });

  it('does not take an answer that was altered on its way', async () => {
    await during(encryption.ping());
    let altered = 0;
    kms.tamper = (message) => (altered++ === 0 ? `${message.slice(0, -3)}AAA` : message);
    await during(encryption.ping());
    expect(kms.requests.filter(({ uri }) => uri === '/ping')).to.have.length(3);
  });

  it('refuses a key service whose key does not hold, and asks again the next time', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const cluster = { kmsCluster: `kms://${kmsHost}` };
    const cases: readonly [unknown, string][] = [
      [undefined, 'no cluster'],
      [{ ...cluster, rsaPublicKey: '{' }, 'not JSON'],
      [{ ...cluster, rsaPublicKey: staticJwk({ kty: 'EC' }) }, 'not an RSA key'],
      [{ ...cluster, rsaPublicKey: staticJwk({ kid: `https://${kmsHost}/keys/1` }) }, 'kms://HOST'],
      [{ ...cluster, rsaPublicKey: staticJwk({ x5c: [] }) }, 'without a certificate'],
      [{ ...cluster, rsaPublicKey: staticJwk({ x5c: ['AAAA'] }) }, 'cannot be read'],
      [
        { ...cluster, rsaPublicKey: staticJwk({ kid: 'kms://elsewhere.test/keys/1' }) },
        'not for elsewhere.test',
      ],
      [{ ...cluster, rsaPublicKey: staticJwk({ x5c: [certificate(other, kmsHost)] }) }, 'another key'],
      [{ ...cluster, rsaPublicKey: staticJwk({ n: '!' }) }, 'cannot be read'],
      [
        {
          ...cluster,
          rsaPublicKey: staticJwk({
            ...short.publicKey.export({ format: 'jwk' }),
            x5c: [certificate(short, kmsHost)],
          }),
        },
        'shorter than 2048 bits',
      ],
      // a name in the extension wins over the subject
      [
        { ...cluster, rsaPublicKey: staticJwk({ x5c: [certificate(other, kmsHost, 'elsewhere.test')] }) },
        'not for',
      ],
    ];
    const good = kms.info;
    for (const [info, words] of cases) {
      kms.info = info;
      const error = await failure(during(encryption.ping()));
      expect(error.code).to.equal('ERR_KMS_INVALID');
      expect(error.message).to.contain(words);
    }
    expect(kms.requests).to.eql([]);
    kms.info = good;
    await during(encryption.ping());
  });

  it('rejects with the signal’s own reason, and lets the others go on', async () => {
    const { uri } = kms.newKey();
    const controller = new AbortController();
    const mine = encryption.getKey(uri, { signal: controller.signal });
    const others = encryption.getKey(uri);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await mine.catch((error: unknown) => error)).to.equal(reason);
    expect((await during(others)).uri).to.equal(uri);
  });

  it('ends what is under way when the client closes', async () => {
    kms.answer = () => 'silence';
    const work = failure(encryption.ping());
    await settle(() => kms.clock.pending > 0);
    await kms.host.close();
    expect((await work).code).to.equal('ERR_CLIENT_CLOSED');
    await settle(() => kms.clock.pending === 0);
  });

  it('says what each operation asks for', async () => {
    const kro = `kms://${kmsHost}/resources/1`;
    const { uri } = kms.newKey();
    await during(encryption.createResource({ userIds: ['a'], keyUris: [uri] }));
    await during(encryption.bindKey(uri, kro));
    await during(encryption.addAuthorization(kro, ['b']));
    await during(encryption.listAuthorizations(kro));
    await during(encryption.removeAuthorization(kro, 'b'));
    const said = kms.requests
      .slice(1)
      .map((request) => ({ ...request, requestId: undefined, client: undefined }));
    const hidden = { requestId: undefined, client: undefined };
    expect(said).to.eql([
      { method: 'create', uri: '/resources', userIds: ['a'], keyUris: [uri], ...hidden },
      { method: 'update', uri, resourceUri: kro, ...hidden },
      { method: 'create', uri: '/authorizations', resourceUri: kro, userIds: ['b'], ...hidden },
      { method: 'retrieve', uri: `${kro}/authorizations`, ...hidden },
      { method: 'delete', uri: `${kro}/authorizations?authId=b`, ...hidden },
    ]);
  });

  it('wraps and unwraps the parameters of a file', async () => {
    const { uri } = kms.newKey();
    const { cipher, scr } = await encryption.encryptFile(new Uint8Array([1, 2, 3]));
    const jwe = await during(encryption.wrapScr(uri, { ...scr, loc: 'https://files.test/1' }));
    const unwrapped = await encryption.unwrapScr(uri, jwe);
    expect(unwrapped.loc).to.equal('https://files.test/1');
    expect([...(await encryption.decryptFile(cipher, unwrapped))]).to.eql([1, 2, 3]);
    expect((await failure(encryption.wrapScr(uri, { ...scr, loc: '' }))).code).to.equal('ERR_ARGUMENT');
  });
});
