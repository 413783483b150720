import { expect } from 'chai';
import { catalog, device, failure, json, SERVICE, stage, TOKEN, until, type Stage } from '../../test/kit.js';
import type { Client } from './client.js';

const HTTPS = 'https://cloud.test';
const secureLinks = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(catalog().serviceLinks).map(([name, url]) => [name, url.replace('http:', 'https:')]),
  );
/** A service at https whose catalog has these links. */
function secured(
  links: Readonly<Record<string, unknown>>,
  webSocketUrl = 'wss://cloud.test/s',
  hostCatalog: unknown = {},
): { readonly s: Stage; readonly client: Client } {
  const s = stage({
    'GET /u2c/api/v1/catalog': () => json({ serviceLinks: { ...secureLinks(), ...links }, hostCatalog }),
    'POST /wdm/api/v1/devices': () => json({ ...device(), url: `${HTTPS}/wdm/api/v1/d/1`, webSocketUrl }),
  });
  return { s, client: s.client({ service: HTTPS }) };
}
const tokenInClear = ({ sent }: Stage): readonly string[] =>
  sent
    .filter(({ url, headers }) => url.protocol === 'http:' && headers.has('authorization'))
    .map(({ url }) => url.href);

describe('the transport of the token (F11)', () => {
  it('is not downgraded to http by the catalog of an https service', async () => {
    const { s, client } = secured({
      conversation: 'http://cloud.test/conversation/api/v1',
      wdm: 'http://other.test/wdm/api/v1',
    });
    await client.ready();
    for (const call of [
      client.request({ service: 'conversation', path: 'x' }),
      client.request({ url: 'http://cloud.test/conversation/api/v1/x' }),
      client.request({ url: 'http://cloud.test/elsewhere' }),
      client.connect(),
    ]) {
      const error = await failure(call);
      expect(error.code).to.equal('ERR_CATALOG');
      expect(error.message).to.include('--public-url').and.include('config.services').and.not.include(TOKEN);
    }
    expect(tokenInClear(s)).to.deep.equal([]);
    expect(s.sent.every(({ url }) => url.protocol === 'https:')).to.equal(true);
  });
  it('keeps the https URLs that the client started with when the catalog names http ones', async () => {
    const { s, client } = secured({ hydra: 'http://cloud.test/v1', idbroker: 'http://cloud.test/idbroker' });
    await client.ready();
    await client.request({ service: 'hydra', path: 'x' });
    await client.request({ service: 'idbroker', path: 'x' });
    expect(s.asked.map(({ url }) => url.href)).to.deep.equal([`${HTTPS}/v1/x`, `${HTTPS}/idbroker/x`]);
  });
  it('rejects ready() when all of the catalog is http', async () => {
    const s = stage();
    const error = await failure(s.client({ service: HTTPS }).ready());
    expect(error.code).to.equal('ERR_CATALOG');
    expect(error.message).to.include('--public-url');
    expect(tokenInClear(s)).to.deep.equal([]);
  });
  it('skips the http hosts of a service that also has https ones', async () => {
    const host = (name: string, priority: number) => ({ host: name, ttl: -1, priority, id: 'urn:a:b:c' });
    const { s, client } = secured({ conversation: 'https://main.test/c' }, undefined, {
      'main.test': [host('a.test', 1), host('b.test/evil?', 2), { host: 'c.test' }, null, 5],
    });
    await client.request({ service: 'conversation', path: 'x' });
    expect(s.asked.map(({ url }) => url.href)).to.deep.equal(['https://a.test/c/x']);
  });
  it('lets config.services name an http URL: the app says so itself', async () => {
    const { s } = secured({});
    const client = s.client({
      service: HTTPS,
      config: { services: { conversation: 'http://intranet.test/c' } },
    });
    await client.ready();
    await client.request({ service: 'conversation', path: 'x' });
    expect(tokenInClear(s)).to.deep.equal(['http://intranet.test/c/x']);
  });
  it('allows http to this machine, by every name of it', async () => {
    for (const host of ['127.0.0.1:8080', '127.9.9.9', 'localhost:1', 'a.localhost', '[::1]:8080']) {
      const { s, client } = secured({ conversation: `http://${host}/c` });
      await client.request({ service: 'conversation', path: 'x' });
      expect(s.asked.at(-1)?.headers.has('authorization'), host).to.equal(true);
    }
    for (const host of ['localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', 'notlocalhost']) {
      const { client } = secured({ conversation: `http://${host}/c` });
      const error = await failure(client.request({ service: 'conversation', path: 'x' }));
      expect(error.code, host).to.equal('ERR_CATALOG');
    }
  });
  it('stays http where the service itself is http', async () => {
    const s = stage();
    await s.client().request({ service: 'conversation', path: 'x' });
    expect(s.asked.map(({ url }) => url.origin)).to.deep.equal([SERVICE]);
  });

  describe('on the socket', () => {
    const refused = async (webSocketUrl: string): Promise<string | undefined> => {
      const { s, client } = secured({}, webSocketUrl);
      const { code } = await failure(client.connect());
      expect(s.sockets, webSocketUrl).to.have.length(0);
      return code;
    };
    it('is not ws in clear, and not a host outside the catalog', async () => {
      for (const url of [
        'ws://cloud.test/s',
        'ws://10.0.0.1/s',
        'wss://evil.test/s',
        'wss://cloud.test.evil/s',
      ])
        expect(await refused(url), url).to.equal('ERR_CATALOG');
      expect(await refused('wss://cloud.test@evil.test/s')).to.equal('ERR_CATALOG');
    });
    it('is a ws(s) URL', async () => {
      for (const url of ['nonsense', '', 'https://cloud.test/s', 'javascript:alert(1)'])
        expect(await refused(url), url).to.equal('ERR_BAD_RESPONSE');
    });
    it('may be any host that the catalog names, and this machine', async () => {
      const host = { host: 'sockets.test', ttl: -1, priority: 1, id: 'urn:a:b:c' };
      for (const url of ['wss://cloud.test:9443/s', 'wss://sockets.test/s', 'ws://127.0.0.1:1/s']) {
        const { s, client } = secured({}, url, { 'cloud.test': [host] });
        void client.connect().catch(() => undefined);
        await until(() => s.sockets.length === 1);
        await client.close();
      }
    });
    it('may be another host of the Webex cloud', async () => {
      for (const [socketHost, isAllowed] of [
        ['mercury-connection-partition0-a.wbx2.com', true],
        ['wbx2.com.evil.test', false],
        ['evilwbx2.com', false],
      ] as const) {
        const s = stage({
          'GET /u2c/api/v1/catalog': () =>
            json({ serviceLinks: { wdm: 'https://wdm-a.wbx2.com/wdm/api/v1' }, hostCatalog: {} }),
          'POST /wdm/api/v1/devices': () => json({ ...device(), webSocketUrl: `wss://${socketHost}/s` }),
        });
        const client = s.client({ service: undefined } as object);
        const outcome = failure(client.connect());
        if (isAllowed) await until(() => s.sockets.length === 1);
        else expect((await outcome).code).to.equal('ERR_CATALOG');
        await client.close();
        await outcome;
      }
    });
  });

  it('takes no odd catalog for a reason to throw a TypeError', async () => {
    for (const hostCatalog of [
      { 'cloud.test': null },
      { 'cloud.test': [null, 1, 'x', {}, { host: 5, id: 5, priority: 'x' }] },
      { 'cloud.test': [{ host: 'a.test', priority: 1 }] },
      { 'cloud.test': { host: 'a.test' } },
      Object.assign(Object.create(null), { __proto__x: [] }) as object,
    ]) {
      const { client } = secured({ a: 5, b: null, c: {}, d: 'javascript:1', e: '' }, undefined, hostCatalog);
      await client.ready();
      await client.request({ service: 'conversation', path: 'x' });
      for (const name of ['a', 'b', 'c', 'd', 'e', '__proto__', 'constructor'])
        expect((await failure(client.request({ service: name, path: 'x' }))).code, name).to.equal(
          'ERR_UNKNOWN_SERVICE',
        );
    }
  });
});
