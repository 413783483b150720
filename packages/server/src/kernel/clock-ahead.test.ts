// What a wall clock that is set ahead and corrected again must not cost anyone.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningServer, startServer } from '../server.js';
import { createClock } from './clock.js';

const day = 86_400_000;

describe('a wall clock that is set ahead by 90 days and corrected again (F8)', () => {
  let folder = '';
  let wall = 0;
  let ticks = 0;
  let server: RunningServer | undefined;
  const pass = (ms: number): void => {
    wall += ms;
    ticks += ms;
  };
  const start = async (): Promise<RunningServer> =>
    (server = await startServer(
      { port: 0, data: folder, logLevel: 'silent' },
      createClock(
        () => wall,
        () => ticks,
      ),
    ));
  const restart = async (): Promise<RunningServer> => {
    await server?.close();
    return start();
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'trunkline-ahead-'));
    wall = 1_900_000_000_000;
    ticks = 17;
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (
    url: string,
    token: string,
    body: object | URLSearchParams,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const form = body instanceof URLSearchParams;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(form ? {} : { 'content-type': 'application/json' }),
      },
      body: form ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const status = async (url: string, token: string): Promise<number> =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
  const refresh = (from: RunningServer, token: string): Promise<{ status: number }> =>
    post(
      `${from.url}/idbroker/idb/oauth2/v1/access_token`,
      '',
      new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
    );

  async function furnished(): Promise<{ access: string; refresh: string; device: string }> {
    const first = await start();
    const ana = await post(`${first.url}/admin/v1/users`, first.adminToken, {
      email: 'ana@example.com',
      displayName: 'Ana',
    });
    const access = String(ana.body['accessToken']);
    const device = await post(`${first.url}/wdm/api/v1/devices`, access, {
      deviceType: 'WEB',
      name: 'a',
      model: 'a',
      localizedModel: 'a',
      systemName: 'a',
      systemVersion: '1',
    });
    return {
      access,
      refresh: String(ana.body['refreshToken']),
      device: new URL(String(device.body['url'])).pathname,
    };
  }

  it('ends no sign-in while it is ahead, nor afterwards', async () => {
    const { access, refresh: refreshToken } = await furnished();
    const running = server as RunningServer;
    wall += 90 * day;
    pass(63_000);
    expect(await status(`${running.url}/v1/people/me`, access)).to.equal(200);
    expect((await refresh(running, refreshToken)).status).to.equal(200);
    wall -= 90 * day;
    pass(1000);
    expect(await status(`${running.url}/v1/people/me`, access)).to.equal(200);
    expect((await refresh(running, refreshToken)).status).to.equal(200);
  });

  it('removes nothing in the sweep of a start that happens meanwhile', async () => {
    const { access, refresh: refreshToken, device } = await furnished();
    wall += 90 * day;
    pass(1000);
    await restart();
    wall -= 90 * day;
    pass(63_000);
    const after = await restart();
    expect(await status(`${after.url}/v1/people/me`, access)).to.equal(200);
    expect(await status(`${after.url}${device}`, access)).to.equal(200);
    expect((await refresh(after, refreshToken)).status).to.equal(200);
  });

  it('still ends what is old by both clocks', async () => {
    const { access, refresh: refreshToken } = await furnished();
    const running = server as RunningServer;
    pass(15 * day);
    expect(await status(`${running.url}/v1/people/me`, access)).to.equal(401);
    expect((await refresh(running, refreshToken)).status).to.equal(200);
    pass(61 * day);
    expect((await refresh(running, refreshToken)).status).to.equal(400);
  });
});
