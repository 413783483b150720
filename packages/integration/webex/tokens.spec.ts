import { startCloud, type Cloud } from '@trunkline/testing';
import { Token, Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { refusal } from './tools.js';

const client = { clientId: 'an-app', clientSecret: 'secret-0123456789' };

describe('webex: tokens', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
    await cloud.admin('POST', 'clients', {
      ...client,
      name: 'An app',
      redirectUris: ['http://127.0.0.1:8000'],
      scopes: 'spark:all spark:kms',
    });
  });
  after(() => cloud.close());
  const open = async (more: object = {}): Promise<Webex> => {
    const { id } = await cloud.person('ana');
    const { accessToken, refreshToken } = await cloud.admin<{ accessToken: string; refreshToken: string }>(
      'POST',
      'tokens',
      { userId: id, clientId: client.clientId },
    );
    return Webex.init({
      credentials: { access_token: accessToken, refresh_token: refreshToken },
      config: {
        service: cloud.url,
        logger: { level: 'silent' },
        credentials: { client_id: client.clientId, client_secret: client.clientSecret, ...more },
      },
    });
  };

  it('are refreshed when the socket refuses one that was changed in place (U17)', async () => {
    const webex = await open();
    await webex.internal.device.register();
    Object.assign(webex.credentials.supertoken ?? {}, { access_token: 'made up' });
    await webex.internal.mercury.connect();
    expect(webex.credentials.supertoken?.access_token).not.to.equal('made up');
    expect(webex.internal.mercury.connected).to.equal(true);
    await webex.close();
  });

  it('are used by the next request when they were refreshed by the app', async () => {
    const webex = await open();
    await webex.people.get('me');
    const old = webex.credentials.supertoken?.access_token ?? '';
    await webex.refresh();
    await cloud.admin('POST', 'tokens/revoke', { accessToken: old }).catch(() => undefined);
    const { body } = await webex.request<{ readonly emails: readonly string[] }>({
      service: 'hydra',
      resource: 'people/me',
    });
    expect(body.emails).to.deep.equal(['ana@example.com']);
    expect(webex.credentials.supertoken?.access_token).not.to.equal(old);
    await webex.close();
  });

  it('are refreshed by a callback that reads the addresses from the token', async () => {
    type Given = { readonly refresh_token: string; readonly config: Readonly<Record<string, string>> };
    const refreshCallback = async (webex: Webex, { config, refresh_token }: Given) =>
      (
        await webex.request({
          method: 'POST',
          uri: config['tokenUrl'] ?? '',
          form: { grant_type: 'refresh_token', refresh_token },
          auth: { user: config['client_id'] ?? '', pass: config['client_secret'] ?? '' },
        })
      ).body;
    const webex = await open({ refreshCallback });
    await webex.internal.device.register();
    Object.assign(webex.credentials.supertoken ?? {}, { access_token: 'made up' });
    await webex.internal.mercury.connect();
    expect(webex.credentials.supertoken?.access_token).not.to.equal('made up');
    await webex.close();
  });

  it('are reduced, exchanged, validated and revoked by themselves', async () => {
    const webex = await open();
    const token = webex.credentials.supertoken;
    if (!token) throw new Error('no token');
    expect(await token.validate()).to.deep.include({
      scope: ['spark:all', 'spark:kms'],
      clientId: client.clientId,
    });
    const less = await token.downscope('spark:kms');
    expect(less).to.be.instanceOf(Token);
    expect((await less.validate()).scope).to.deep.equal(['spark:kms']);
    expect(await refusal(token.downscope('spark:all spark:kms'))).to.have.property('status', 400);
    const other = await token.refresh();
    expect(other.access_token).not.to.equal(token.access_token);
    expect(other.refresh_token).to.equal(token.refresh_token);
    expect(webex.credentials.supertoken).to.equal(token);
    await other.revoke();
    expect(other).not.to.have.any.keys('access_token', 'expires_in', 'expires');
    expect(other.canAuthorize).to.equal(false);
    expect(other.refresh_token).to.equal(token.refresh_token);
    // by itself it has no one to ask
    expect(() => new Token({ access_token: 'x' }).validate()).to.throw('belongs to no Webex');
    await webex.close();
  });
  it('of which the one in use was revoked is replaced at the next request', async () => {
    const webex = await open();
    await webex.credentials.supertoken?.revoke();
    expect((await webex.people.get('me')).emails).to.deep.equal(['ana@example.com']);
    await webex.close();
  });
  it('name their organisation', async () => {
    const webex = await open();
    const { credentials } = webex;
    const org = credentials.getOrgId();
    const { access_token, refresh_token = '' } = credentials.supertoken ?? { access_token: '' };
    expect(credentials.extractOrgIdFromUserToken(access_token)).to.equal(org);
    expect(credentials.extractOrgIdFromUserToken(refresh_token)).to.equal(org);
    const jwt = `h.${Buffer.from(JSON.stringify({ realm: org })).toString('base64url')}.s`;
    expect(credentials.extractOrgIdFromJWT(jwt)).to.equal(org);
    for (const wrong of ['', 'a.b.c', 'a_b_c'])
      expect(() => credentials.extractOrgIdFromJWT(wrong))
        .to.throw('names no organisation')
        .with.property('code', 'ERR_TOKEN_INVALID');
    await webex.close();
  });
});
