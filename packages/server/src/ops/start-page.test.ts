import { expect } from 'chai';
import { type RunningServer, startServer } from '../index.js';
import { VERSION } from '../version.js';

describe('the start page', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ port: 0, logLevel: 'silent' });
  });
  after(() => server.close());
  const get = (accept: string, method = 'GET'): Promise<Response> =>
    fetch(`${server.url}/`, { method, headers: { accept } });

  it('shows a browser what this is, how to connect, and where demo and documentation are (H28)', async () => {
    const response = await get('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
    expect([response.status, response.headers.get('content-type')]).to.deep.equal([
      200,
      'text/html; charset=utf-8',
    ]);
    const text = await response.text();
    expect(text)
      .to.match(/^<!doctype html>/)
      .and.include('<title>Trunkline service</title>')
      .and.include(`Version ${VERSION}`)
      .and.include(server.url)
      .and.include('npm start')
      .and.include('npm run docs')
      .and.include('href="/idbroker/account"');
    expect(text).to.not.include(server.adminToken);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy)
      .to.include("default-src 'none'")
      .and.match(/style-src 'sha256-[\w+/=]{44}'/);
  });

  it('is JSON for everything else', async () => {
    for (const accept of ['*/*', 'application/json', '']) {
      const response = await get(accept);
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({
        name: 'trunkline',
        version: VERSION,
        service: server.url,
        health: `${server.url}/healthz`,
        account: `${server.url}/idbroker/account`,
      });
    }
    expect((await get('text/html', 'HEAD')).status).to.equal(200);
  });

  it('escapes the host that the browser asked for', async () => {
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      request(
        `${server.url}/`,
        { headers: { accept: 'text/html', host: 'a"><script>x</script>' } },
        (response) => {
          let body = '';
          response.on('data', (part: Buffer) => (body += part.toString()));
          response.on('end', () => {
            resolve(body);
          });
        },
      )
        .on('error', reject)
        .end();
    });
    expect(text).to.not.include('<script>');
  });
});
