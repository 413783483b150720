import { expect } from 'chai';
import { socketPath } from '../../kernel/http/urls.js';
import { hostMapCatalog, listCatalog, serviceLinks } from './catalog.js';

const base = 'http://127.0.0.1:8080';

describe('the catalog', () => {
  it('has no base URL that is a prefix of another', () => {
    const links = [...new Set(Object.values(serviceLinks(base)))];
    for (const one of links)
      for (const other of links)
        if (one !== other) expect(other.startsWith(one), `${one} < ${other}`).to.equal(false);
  });

  it('has a service that the socket URLs of devices belong to (A18)', () => {
    const socket = `ws://127.0.0.1:8080${socketPath('00000000-0000-4000-8000-000000000000')}`;
    const owners = Object.entries(serviceLinks(base)).filter(([, url]) => socket.startsWith(url));
    expect(owners.map(([name]) => name)).to.deep.equal(['mercuryConnection']);
    expect(serviceLinks('https://a.test').mercuryConnection).to.match(/^wss:\/\/a\.test\//);
  });

  it('has no URL below administration', () => {
    for (const url of Object.values(serviceLinks(base)))
      expect(new URL(url).pathname).not.to.match(/^\/admin/);
  });

  it('lists conversation first and the host as clients look it up', () => {
    const { serviceLinks: links, hostCatalog, format } = hostMapCatalog(base, undefined);
    expect(format).to.equal('hostmap');
    expect(Object.keys(links)[0]).to.equal('conversation');
    expect(hostCatalog).to.deep.equal({
      '127.0.0.1:8080': [
        { host: '127.0.0.1', ttl: -1, priority: 1, id: 'urn:TEAM:us-east-2_a:identityLookup' },
      ],
    });
  });

  it('lists the second port under its own key, with the port in the host', () => {
    const { hostCatalog } = hostMapCatalog(base, 8443);
    expect(Object.keys(hostCatalog)).to.deep.equal(['127.0.0.1:8080', '127.0.0.1:8443']);
    expect(hostCatalog['127.0.0.1:8443']).to.deep.equal([
      { host: '127.0.0.1:8443', ttl: -1, priority: 1, id: 'urn:TEAM:us-east-2_a:mobius' },
    ]);
    // asked through the second port: the identity lookup stays first
    const entries = hostMapCatalog('https://127.0.0.1:8443', 8443).hostCatalog['127.0.0.1:8443'];
    expect(entries?.map((entry) => entry.id.split(':')[3])).to.deep.equal(['identityLookup', 'mobius']);
  });

  it('says the same in its other form', () => {
    const list = listCatalog(base, 'org', 5) as {
      services: { serviceName: string; serviceUrls: { baseUrl: string }[] }[];
    };
    const links = Object.fromEntries(list.services.map((s) => [s.serviceName, s.serviceUrls[0]?.baseUrl]));
    expect(links).to.deep.equal(serviceLinks(base));
  });
});
