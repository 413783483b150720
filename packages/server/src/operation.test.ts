import { openTestStore } from './kernel/harness.test.js';
// What operators of the service rely on: metrics, logs without secrets, certificates of their own, upgrades, full disks.
import { expect } from 'chai';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Libsql from 'libsql';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import { type RunningServer, startServer } from './index.js';
import { createClock } from './kernel/clock.js';
import { messaging } from './kernel/store/migrations/0001-messaging.js';
import { VERSION } from './version.js';

type Body = Record<string, unknown>;
const callOf =
  (server: { readonly url: string }) =>
  async (
    method: string,
    route: string,
    token?: string,
    body?: object,
  ): Promise<{ status: number; headers: Headers; body: Body }> => {
    const answer = await fetch(server.url + route, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? (JSON.parse(text) as Body) : { text },
    };
  };

describe('running the service', function () {
  this.timeout(30_000);
  let folder = '';
  const open: RunningServer[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
  });
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  async function start(...parameters: Parameters<typeof startServer>): Promise<RunningServer> {
    const server = await startServer({ port: 0, logLevel: 'silent', ...parameters[0] }, parameters[1]);
    open.push(server);
    return server;
  }
  const personOf = async (
    server: RunningServer,
    name = 'ana',
  ): Promise<{ id: string; accessToken: string }> =>
    (
      await callOf(server)('POST', '/admin/v1/users', server.adminToken, {
        email: `${name}@example.com`,
        displayName: name,
      })
    ).body as never;

  describe('metrics', () => {
    it('count by route, never by id, token or address', async () => {
      const server = await start();
      const call = callOf(server);
      const ana = await personOf(server);
      const { body: room } = await call('POST', '/v1/rooms', ana.accessToken, { title: 'Room' });
      await call('GET', `/v1/rooms/${String(room['id'])}`, ana.accessToken);
      await call('POST', '/idbroker/idb/oauth2/v1/access_token', undefined, {});
      const text = String((await call('GET', '/metrics')).body['text']);
      expect(text).to.include('route="/v1/rooms/:id",status="200"').and.include('method="GET"');
      expect(text).to.match(/trunkline_write_batch_size_count [1-9]/);
      for (const name of [
        'sockets_open 0',
        'frames_sent_total 0',
        'write_queue_depth 0',
        'outbox_waiting_events 0',
      ])
        expect(text).to.include(`trunkline_${name}`);
      expect(text).to.include('trunkline_logins_total{way="token",outcome="refused"} 1');
      expect(text).to.match(/process_cpu_seconds_total \d/);
      expect(text).to.include(
        `trunkline_build_info{version="${VERSION}",node_version="${process.version}"} 1`,
      );
      for (const secret of [ana.id, ana.accessToken, 'ana@example', String(room['id']), server.adminToken])
        expect(text).to.not.include(secret);
    });

    it('are of one service each, and for this machine or anyone who has the admin token', async () => {
      const [one, two] = [await start(), await start({ publicUrl: 'https://chat.example.com' })];
      await personOf(one);
      const direct = { url: `http://127.0.0.1:${String(two.port)}` };
      expect((await callOf(direct)('GET', '/metrics')).status).to.equal(401);
      expect((await callOf(direct)('GET', '/metrics', 'wrong')).status).to.equal(401);
      const answer = await callOf(direct)('GET', '/metrics', two.adminToken);
      expect(answer.status).to.equal(200);
      expect(String(answer.body['text'])).to.not.include('/admin/v1/users');
      const proxied = await fetch(`${one.url}/metrics`, { headers: { 'x-forwarded-for': '8.8.8.8' } });
      expect(proxied.status).to.equal(401);
      expect(proxied.headers.get('access-control-allow-origin')).to.equal(null);
    });
  });

  it('writes no token, password or secret into its logs, at any level', async () => {
    const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
    const args = ['--port', '0', '--data', 'memory', '--json', '--log-level', 'trace'];
    const child = spawn(
      process.execPath,
      [
        '--import=tsx',
        '--eval',
        `import(${JSON.stringify(cli)}).then((m) => m.main(${JSON.stringify(args)}))`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let log = '';
    child.stderr.on('data', (part: Buffer) => (log += part.toString()));
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, adminToken } = JSON.parse(first.toString()) as { url: string; adminToken: string };
    const call = callOf({ url });
    const { body } = await call('POST', '/admin/v1/users', adminToken, {
      email: 'ana@example.com',
      displayName: 'Ana',
      password: 'tr0ub4dor-and-3',
    });
    const token = String(body['accessToken']);
    await call('GET', `/v1/rooms?access_token=${token}`, token);
    await call('GET', '/v1/rooms', `${token}x`);
    await call('GET', `/nowhere/${token}?token=${token}`);
    await call('POST', '/v1/messages', token, {
      toPersonEmail: 'x@example.com',
      text: 'the launch is at nine',
    });
    await fetch(`${url}/idbroker/idb/oauth2/v1/access_token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: String(body['refreshToken']),
        client_id: 'c',
        client_secret: 's3cret-of-c',
      }),
    });
    await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: `{"token":"${token}"`,
    });
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
    expect(log).to.include('answered');
    for (const secret of [adminToken, String(body['refreshToken']), 'tr0ub4dor', 's3cret-of-c', 'the launch'])
      expect(log, secret.slice(0, 6)).to.not.include(secret);
    expect(log).to.not.include(token);
  });

  describe('TLS', () => {
    const ask = (url: string, ca: string | Buffer): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        httpsRequest(`${url}/healthz`, { ca }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });

    it('takes a certificate of your own', async () => {
      const own = await generate([{ name: 'commonName', value: 'localhost' }], {
        keyType: 'ec',
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
      });
      const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
      writeFileSync(cert, own.cert);
      writeFileSync(key, own.private);
      const server = await start({ tlsPort: 0, tlsCertFile: cert, tlsKeyFile: key });
      expect(server.tlsCaFile).to.equal(undefined);
      expect(await ask(server.tlsUrl ?? '', own.cert)).to.equal(200);
    });

    it('makes one under an authority of its own, whose keys only its owner can read, and keeps both', async () => {
      const server = await start({ tlsPort: 0, data: folder });
      const ca = readFileSync(server.tlsCaFile ?? '');
      expect(await ask(server.tlsUrl ?? '', ca)).to.equal(200);
      for (const name of ['tls/ca.key', 'tls/server.key', 'master.key'])
        expect(statSync(path.join(folder, name)).mode & 0o077, name).to.equal(0);
      await open.pop()?.close();
      const again = await start({ tlsPort: 0, data: folder });
      expect(await ask(again.tlsUrl ?? '', ca)).to.equal(200);
    });
  });

  describe('the data folder', () => {
    const plain = (raw: Libsql.Database): Kysely<never> =>
      new Kysely<never>({ dialect: new SqliteDialect({ database: raw }) });

    it('of the first schema is brought up to date, and keeps what is in it', async () => {
      const raw = new Libsql(path.join(folder, 'trunkline.db'));
      const db = plain(raw);
      const provider = { getMigrations: () => Promise.resolve({ '0001-messaging': messaging }) };
      expect((await new Migrator({ db, provider }).migrateToLatest()).error).to.equal(undefined);
      raw.exec("insert into meta (key, value) values ('org_id', '11111111-2222-4333-8444-555555555555')");
      raw.exec(`insert into users (id, org_id, email, display_name, roles, extension, created_ms) values
        ('aaaaaaaa-2222-4333-8444-555555555555', '11111111-2222-4333-8444-555555555555', 'old@example.com', 'Old', '[]', '1001', 1)`);
      await db.destroy();
      const server = await start({ data: folder });
      expect(server.orgId).to.equal('11111111-2222-4333-8444-555555555555');
      const { body } = await callOf(server)('POST', '/admin/v1/tokens', server.adminToken, {
        userId: 'aaaaaaaa-2222-4333-8444-555555555555',
      });
      const me = await callOf(server)('GET', '/v1/people/me', String(body['accessToken']));
      expect(me.body['emails']).to.deep.equal(['old@example.com']);
    });

    it('of a newer version is refused in clear words, and left as it is', async () => {
      await (await openTestStore(folder)).close();
      const raw = new Libsql(path.join(folder, 'trunkline.db'));
      raw.exec("insert into kysely_migration (name, timestamp) values ('9999-telepathy', 'then')");
      raw.close();
      const before = readFileSync(path.join(folder, 'trunkline.db'));
      const error = await openTestStore(folder).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(error?.message).to.include('newer version').and.include('9999-telepathy');
      expect(readFileSync(path.join(folder, 'trunkline.db')).equals(before)).to.equal(true);
    });

    it('is as it was when a migration fails half way', async () => {
      const raw = new Libsql(path.join(folder, 'trunkline.db'));
      const db = plain(raw);
      const provider = { getMigrations: () => Promise.resolve({ '0001-messaging': messaging }) };
      await new Migrator({ db, provider }).migrateToLatest();
      // in the way of the third
      raw.exec('create table features_in_the_way (x); create view oauth_codes as select 1');
      const tables = (): unknown => raw.prepare('select name from sqlite_master order by name').all([]);
      raw.exec('create table features (x)');
      const before = tables();
      const failed = await openTestStore(folder).then(
        () => false,
        () => true,
      );
      expect(failed).to.equal(true);
      expect(tables()).to.deep.equal(before);
      await db.destroy();
    });
  });

  it('with a full disk refuses writes with 503, answers reads, loses nothing, and goes on when there is room', async () => {
    const store = await openTestStore(folder);
    const key = (n: number): string => `k${String(n)}`;
    const put = (n: number): Promise<unknown> =>
      store.write(({ tx }) =>
        tx
          .insertInto('meta')
          .values({ key: key(n), value: 'x'.repeat(2000) })
          .execute(),
      );
    await store.write(async ({ tx }) => {
      const { rows } = await tx.executeQuery<{ page_count: number }>({
        sql: 'pragma page_count',
        parameters: [],
      } as never);
      await tx.executeQuery({
        sql: `pragma max_page_count = ${String((rows[0]?.page_count ?? 0) + 20)}`,
        parameters: [],
      } as never);
    });
    const kept: string[] = [];
    const codes = new Set<unknown>();
    for (let round = 0; round < 12; round += 1)
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          put(round * 10 + n).then(
            () => kept.push(key(round * 10 + n)),
            (error: unknown) => codes.add((error as { code?: unknown }).code),
          ),
        ),
      );
    expect([...codes]).to.deep.equal(['SQLITE_FULL']);
    expect(kept.length).to.be.within(1, 119);
    const stored = async (): Promise<string[]> =>
      (await store.db.selectFrom('meta').select('key').where('key', 'like', 'k%').execute()).map(
        (row) => row.key,
      );
    // all that was acknowledged, and nothing that was refused
    expect((await stored()).sort()).to.deep.equal([...kept].sort());
    await store.write(({ tx }) =>
      tx.executeQuery({ sql: 'pragma max_page_count = 1000000', parameters: [] } as never),
    );
    await put(1000);
    expect(await stored()).to.include(key(1000));
    await store.close();
  });

  it('lives through a wall clock that is set back and forth by an hour', async () => {
    let shift = 0;
    const clock = createClock(() => Date.now() + shift);
    const server = await start({}, clock);
    const call = callOf(server);
    const ana = await personOf(server);
    const status = async (): Promise<number> => (await call('GET', '/v1/people/me', ana.accessToken)).status;
    const { body: brief } = await call('POST', '/admin/v1/tokens', server.adminToken, {
      userId: ana.id,
      expiresIn: 1,
    });
    const { body: room } = await call('POST', '/v1/rooms', ana.accessToken, { title: 'Room' });
    const post = async (text: string): Promise<string> =>
      String(
        (await call('POST', '/v1/messages', ana.accessToken, { roomId: room['id'], text })).body['created'],
      );
    const first = await post('before');
    shift = -3_600_000;
    const second = await post('an hour back');
    expect(Date.parse(second)).to.be.greaterThan(Date.parse(first));
    expect(await status()).to.equal(200);
    // it goes at half speed: what lives a second ends after two, not after an hour
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect((await call('GET', '/v1/people/me', String(brief['accessToken']))).status).to.equal(401);
    shift = 3_600_000;
    expect(Date.parse(await post('an hour ahead'))).to.be.greaterThan(Date.parse(second));
    expect(await status()).to.equal(200);
  });
});
