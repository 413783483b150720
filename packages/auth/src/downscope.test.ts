import type { TokenContext } from '@trunkline/core';
import { expect } from 'chai';
import {
  context,
  failure,
  fakeClock,
  refuses,
  SERVICE,
  shown,
  tokenService,
  TOKEN_URL,
} from '../test/kit.js';
import { downscope } from './downscope.js';
import { logout, logoutUrl } from './logout.js';

const options = { service: SERVICE, clientId: 'app' };
const less = (n: number): Readonly<Record<string, unknown>> => ({
  access_token: `less-${String(n)}`,
  expires_in: 3600,
  scope: 'spark:kms',
});

describe('downscope', () => {
  it('reduces once for all who want the same scopes, in whatever order', async () => {
    const service = tokenService(less(1), less(2));
    const downscoped = downscope({ ...options, token: 'access-1' });
    const both = ['spark:rooms_read spark:kms', ['spark:kms', 'spark:rooms_read']].map((scopes) =>
      downscoped.scoped(scopes)(context('start', service)),
    );
    for (const each of await Promise.all(both)) expect(each).to.include({ accessToken: 'less-1' });
    expect(await downscoped.scoped('spark:kms')(context('start', service))).to.include({
      accessToken: 'less-2',
    });
    expect(service.sent).to.have.length(2);
    expect(service.sent[0]?.url).to.equal(TOKEN_URL);
    expect(service.sent[0]?.form).to.deep.equal({
      grant_type: 'urn:cisco:oauth:grant-type:scope-reduction',
      token: 'access-1',
      scope: 'spark:kms spark:rooms_read',
      self_contained_token: 'true',
      client_id: 'app',
    });
    expect(service.sent[0]?.headers.get('authorization')).to.equal(null);
  });

  it('renews what it comes from first, and asks for a good one when that was refused', async () => {
    const asked: Pick<TokenContext, 'reason' | 'previous'>[] = [];
    let n = 0;
    const token = ({ reason, previous }: TokenContext): Promise<string> => {
      asked.push({ reason, ...(previous && { previous }) });
      return Promise.resolve(`access-${String((n += reason === 'start' && n > 0 ? 0 : 1))}`);
    };
    const service = tokenService(less(1), less(2), refuses('invalid_grant'), less(3));
    const { scoped } = downscope({ ...options, token });
    const clock = fakeClock();
    await scoped('spark:kms')(context('start', service, undefined, clock));
    expect(await scoped('spark:kms')(context('expiring', service, 'less-1', clock))).to.include({
      accessToken: 'less-2',
    });
    expect(await scoped('spark:kms')(context('rejected', service, 'less-2', clock))).to.include({
      accessToken: 'less-3',
    });
    expect(asked).to.deep.equal([
      { reason: 'start' },
      { reason: 'expiring', previous: { accessToken: 'access-1' } },
      { reason: 'start' },
      { reason: 'rejected', previous: { accessToken: 'access-2' } },
    ]);
    expect(service.sent.map(({ form }) => form['token'])).to.deep.equal([
      'access-1',
      'access-2',
      'access-2',
      'access-3',
    ]);
  });

  it('rejects with scopes that are too wide, and with a token that has ended', async () => {
    const { scoped } = downscope({ ...options, token: 'access-1' });
    const wide = await failure(
      scoped('spark-admin:x')(context('start', tokenService(refuses('invalid_scope')))),
    );
    expect(wide.code).to.equal('ERR_AUTH_CLIENT');
    expect(wide.message).to.include('invalid_scope');
    const over = await failure(scoped('spark:kms')(context('start', tokenService(refuses('invalid_grant')))));
    expect(over.code).to.equal('ERR_TOKEN_INVALID');
    expect(shown(wide) + shown(over)).not.to.include('access-1');
    for (const given of ['', ' '])
      expect(() => scoped(given))
        .to.throw()
        .with.property('code', 'ERR_ARGUMENT');
    expect(() => downscope({ ...options, token: '' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
  });

  it('revokes what it gave, and nothing else', async () => {
    const service = tokenService(less(1), less(2), {});
    const downscoped = downscope({ ...options, clientSecret: 's', token: 'access-1', fetch: service.fetch });
    await downscoped.scoped('a')(context('start', service));
    await downscoped.scoped('b')(context('start', service));
    await downscoped.revoke();
    await downscoped.revoke();
    expect(
      service.sent.slice(2).map(({ url, form }) => [url.split('/').at(-1), form['token']]),
    ).to.deep.equal([
      ['revoke', 'less-1'],
      ['revoke', 'less-2'],
    ]);
  });
});

describe('logging out', () => {
  it('gives the address of the logout page', () => {
    const url = new URL(logoutUrl({ service: SERVICE, goto: 'https://app.test/', token: 'access-1' }));
    expect(url.origin + url.pathname).to.equal(`${SERVICE}/idbroker/idb/oauth2/v1/logout`);
    expect([...url.searchParams]).to.deep.equal([
      ['cisService', ''],
      ['goto', 'https://app.test/'],
      ['token', 'access-1'],
    ]);
    expect(logoutUrl({ goto: 'https://app.test/' })).to.match(/^https:\/\/idbroker\.webex\.com\/.*%2F$/);
  });
  it('posts the token from a program', async () => {
    let body: unknown;
    await logout({
      service: SERVICE,
      token: 'access-1',
      fetch: (_, init) => {
        body = init?.body;
        return Promise.resolve(new Response(null, { status: 204 }));
      },
    });
    expect(body).to.equal('{"token":"access-1","cisService":""}');
    const busy = tokenService(refuses('x', 503));
    const failed = await failure(logout({ service: SERVICE, token: 'access-1', fetch: busy.fetch }));
    expect(failed.code).to.equal('ERR_UNAVAILABLE');
  });
});
