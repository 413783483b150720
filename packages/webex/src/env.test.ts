import { expect } from 'chai';
import { configFrom, fromEnv } from './env.js';

describe('webex/env', () => {
  it('makes a Webex of the environment', async () => {
    const webex = fromEnv({
      WEBEX_ACCESS_TOKEN: 't',
      HYDRA_SERVICE_URL: 'http://a.test/v1',
      U2C_SERVICE_URL: 'http://a.test/u2c/api/v1',
      IDBROKER_BASE_URL: 'http://a.test/idbroker',
      COMMON_IDENTITY_CLIENT_ID: 'me',
      WEBEX_LOG_LEVEL: 'silent',
    });
    expect(webex.credentials.supertoken?.access_token).to.equal('t');
    expect(webex.config).to.deep.include({ logger: { level: 'silent' } });
    expect(webex.config.services?.discovery).to.deep.equal({
      hydra: 'http://a.test/v1',
      u2c: 'http://a.test/u2c/api/v1',
    });
    expect(webex.config.credentials).to.deep.include({
      client_id: 'me',
      idbroker: { url: 'http://a.test/idbroker' },
    });
    await webex.close();
  });
  it('says what is missing', () => {
    expect(() => fromEnv({}))
      .to.throw('WEBEX_ACCESS_TOKEN')
      .with.property('code', 'ERR_CONFIG');
    expect(configFrom({})).to.deep.equal({ services: { discovery: {} }, credentials: {} });
  });
});
