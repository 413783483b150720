import { startCloud, type Cloud } from '@trunkline/testing';
import { Webex } from '@trunkline/webex';
import { expect } from 'chai';

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
  const open = async (): Promise<Webex> => {
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
        credentials: { client_id: client.clientId, client_secret: client.clientSecret },
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
});
