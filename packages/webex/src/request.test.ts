import { isSdkError } from '@trunkline/core';
import { expect } from 'chai';
import { failure, fakeCloud, service, tokenOf } from '../test/kit.js';
import { WebexHttpError } from './index.js';

type Cloud = ReturnType<typeof fakeCloud>;

describe('webex.request', () => {
  let cloud: Cloud;
  afterEach(() => cloud.end());

  it('sends service and resource, query, headers and JSON, and answers in the official shape', async () => {
    cloud = fakeCloud((what) =>
      what === 'POST /v1/rooms' ? { body: { id: 'r' }, headers: { link: '<x>' } } : undefined,
    );
    const options = {
      method: 'POST',
      service: 'hydra',
      resource: 'rooms/',
      qs: { a: 1, b: ['x', 'y'], c: undefined },
      headers: { 'X-Mine': 1 },
      body: { title: 'Ops' },
    };
    const response = await cloud.init().request(options);
    expect(response.statusCode).to.equal(200);
    expect(response.body).to.deep.equal({ id: 'r' });
    expect(response.headers).to.include({ link: '<x>', trackingid: 'T1' });
    expect(response.options).to.include({ service: 'hydra', resource: 'rooms/' });
    const [sent] = cloud.left;
    expect(sent?.url).to.equal(`${service}/v1/rooms?a=1&b=x%2Cy`);
    expect(sent?.body).to.equal('{"title":"Ops"}');
    expect(sent?.headers).to.include({
      'x-mine': '1',
      authorization: `Bearer ${tokenOf('a')}`,
      'content-type': 'application/json',
    });
    expect(sent?.headers['trackingid']).to.match(/^webex-js-sdk_[\da-f-]{36}_1$/);
  });
  it('takes api for service, a uri, a form, Basic, and a header that is there to be left out', async () => {
    cloud = fakeCloud(() => ({ body: 'words' }));
    const webex = cloud.init();
    expect((await webex.request({ api: 'hydra', resource: '/people/me' })).body).to.equal('words');
    await webex.request({
      method: 'POST',
      uri: `${service}/v1/token`,
      form: { grant: 'x y' },
      auth: { user: 'me', pass: 'secret' },
    });
    await webex.request({ uri: `${service}/v1/open`, headers: { authorization: null } });
    await webex.request({ uri: 'http://elsewhere.test/', addAuthHeader: false });
    const [first, form, open, foreign] = cloud.left.filter(({ url }) => !url.includes('catalog'));
    expect(first?.url).to.equal(`${service}/v1/people/me`);
    expect(form?.body).to.equal('grant=x+y');
    expect(form?.headers['authorization']).to.equal(`Basic ${btoa('me:secret')}`);
    for (const each of [open, foreign]) expect(each?.headers).not.to.have.property('authorization');
  });
  it('answers bytes when asked for them', async () => {
    cloud = fakeCloud(() => ({ body: 'abc' }));
    const { body } = await cloud
      .init()
      .request({ service: 'hydra', resource: 'contents/1', responseType: 'buffer' });
    expect(new TextDecoder().decode(body as Uint8Array)).to.equal('abc');
  });
  it('needs somewhere to go', async () => {
    cloud = fakeCloud(() => ({}));
    expect(await failure(cloud.init().request({}))).to.include({ code: 'ERR_ARGUMENT' });
  });

  const refusals = [
    [400, 'BadRequest', 'ERR_BAD_REQUEST'],
    [403, 'Forbidden', 'ERR_FORBIDDEN'],
    [404, 'NotFound', 'ERR_NOT_FOUND'],
    [409, 'Conflict', 'ERR_CONFLICT'],
    [418, 'BadRequest', 'ERR_HTTP'],
    [429, 'TooManyRequests', 'ERR_RATE_LIMITED'],
    [500, 'InternalServerError', 'ERR_SERVER'],
    [501, 'NotImplemented', 'ERR_SERVER'],
    [503, 'ServiceUnavailable', 'ERR_UNAVAILABLE'],
    [599, 'InternalServerError', 'ERR_SERVER'],
  ] as const;
  for (const [status, name, code] of refusals)
    it(`rejects ${String(status)} at once, as ${name}`, async () => {
      const body = { message: 'no such luck', errors: [{ description: 'no such luck' }], errorCode: 77 };
      cloud = fakeCloud((what) =>
        what === 'GET /v1/rooms/1' ? { status, body, headers: { 'retry-after': '3' } } : undefined,
      );
      const error = (await failure(
        cloud.init().request({ service: 'hydra', resource: 'rooms/1' }),
      )) as WebexHttpError;
      expect(error).to.be.instanceOf(WebexHttpError.select(status));
      expect(error).to.include({
        name,
        code,
        statusCode: status,
        retryAfter: '3',
        trackingId: 'T1',
        errorCode: 77,
      });
      expect(error.body).to.deep.equal(body);
      expect(error.headers).to.include({ 'retry-after': '3' });
      expect(error.options).to.include({ method: 'GET', uri: `${service}/v1/rooms/1` });
      expect(error.message)
        .to.contain('no such luck')
        .and.contain('WEBEX_TRACKING_ID: T1')
        .and.not.contain(tokenOf('a'));
      expect(JSON.stringify(error)).not.to.contain(tokenOf('a'));
      expect(isSdkError(error)).to.equal(true);
      expect(cloud.left.filter(({ url }) => url.endsWith('/rooms/1'))).to.have.length(1);
    });
  it('rejects 401 when nothing can be refreshed', async () => {
    cloud = fakeCloud((what) =>
      what === 'GET /v1/rooms/1' ? { status: 401, body: { message: 'who?' } } : undefined,
    );
    const error = await failure(cloud.init().request({ service: 'hydra', resource: 'rooms/1' }));
    expect(error).to.be.instanceOf(WebexHttpError.Unauthorized);
    expect((error as Error).message).to.contain('who?');
  });
  it('rejects what got no answer as NetworkOrCORSError', async () => {
    cloud = fakeCloud((what) =>
      what === 'POST /v1/rooms' ? Promise.reject(new TypeError('fetch failed')) : undefined,
    );
    const error = await failure(
      cloud.init().request({ method: 'POST', service: 'hydra', resource: 'rooms' }),
    );
    expect(error).to.include({ name: 'NetworkOrCORSError', statusCode: 0, code: 'ERR_NETWORK' });
  });
  it('rejects with the message of whatever shape the service chose', async () => {
    const bodies = [{ error: { message: 'a' } }, { errorString: 'b' }, 'c', {}] as const;
    const words = ['a', 'b', 'c', 'An error has occurred'];
    let at = 0;
    cloud = fakeCloud((what) => (what === 'GET /v1/x' ? { status: 400, body: bodies[at] } : undefined));
    const webex = cloud.init();
    for (; at < bodies.length; at += 1)
      expect(
        ((await failure(webex.request({ service: 'hydra', resource: 'x' }))) as Error).message.split('\n')[0],
      ).to.equal(words[at]);
  });
});
