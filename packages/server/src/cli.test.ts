import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { banner, parseCommandLine } from './cli.js';
import type { ServerOptions } from './kernel/config.js';
import { startServer } from './server.js';
import { VERSION } from './version.js';

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const run = (...args: string[]) =>
  spawn(
    process.execPath,
    ['--import=tsx', '--eval', `import(${JSON.stringify(cli)}).then((m) => m.main(${JSON.stringify(args)}))`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
async function ended(child: ReturnType<typeof run>): Promise<{ code: unknown; out: string; err: string }> {
  const text = { out: '', err: '' };
  child.stdout.on('data', (part: Buffer) => (text.out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text.err += part.toString()));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, ...text };
}

describe('the command line', function () {
  this.timeout(20_000);

  it('reads every option', () => {
    const { options, json } = parseCommandLine(
      '--host 127.0.0.2 --port 0 --tls-port 1 --no-http --tls-cert c --tls-key k --public-url https://x --trusted-proxy loopback,10.0.0.1 --trusted-proxy 10.1.0.0/16 --media-address 10.0.0.1 --media-port 40000 --data d --master-key m --seed demo --retention-hours 1.5 --allow-private-targets --log-level info --json'.split(
        ' ',
      ),
    );
    expect(json).to.equal(true);
    expect(options).to.deep.equal({
      host: '127.0.0.2',
      port: 0,
      tlsPort: 1,
      http: false,
      tlsCertFile: 'c',
      tlsKeyFile: 'k',
      publicUrl: 'https://x',
      trustedProxies: ['loopback', '10.0.0.1', '10.1.0.0/16'],
      mediaAddresses: ['10.0.0.1'],
      mediaPort: 40000,
      data: 'd',
      masterKeyFile: 'm',
      seed: 'demo',
      retentionHours: 1.5,
      allowPrivateTargets: true,
      logLevel: 'info',
    });
  });

  it('prints its version, the one of package.json (H16)', async () => {
    const manifest = JSON.parse(
      readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
    ) as { version: string };
    expect(VERSION).to.equal(manifest.version);
    expect(await ended(run('--version'))).to.deep.equal({ code: 0, out: `${VERSION}\n`, err: '' });
  });

  it('prints the address it listens on and the public one, and only the TLS port with --no-http (H18)', async () => {
    const shown = async (options: ServerOptions): Promise<string> => {
      const server = await startServer({ port: 0, logLevel: 'silent', ...options });
      await server.close();
      return banner(server, options);
    };
    const proxied = await shown({ publicUrl: 'https://chat.example.com' });
    expect(proxied)
      .to.match(/listens on http:\/\/127\.0\.0\.1:\d+\n/)
      .and.match(/public URL +https:\/\/chat\.example\.com /);
    const both = await shown({ tlsPort: 0 });
    expect(both)
      .to.match(/listens on http:\/\/127\.0\.0\.1:\d+ and https:\/\/127\.0\.0\.1:\d+\n/)
      .and.not.include('public URL');
    const secure = await shown({ tlsPort: 0, http: false });
    expect(secure)
      .to.match(/listens on https:\/\/127\.0\.0\.1:\d+\n/)
      .and.not.include('http:');
  });

  it('says which port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await ended(run('--port', String(port), '--data', 'memory'));
    taken.close();
    expect(code).to.equal(1);
    expect(err)
      .to.include(`port ${String(port)} is in use`)
      .and.include('--port');
  });

  it('refuses what it does not know', () => {
    for (const args of [['--nonsense'], ['--port', 'x'], ['extra'], ['--port']])
      expect(() => parseCommandLine(args))
        .to.throw()
        .with.property('name', 'ConfigError');
  });

  it('ends with 2 and says why, on stderr', async () => {
    const { code, out, err } = await ended(run('--port', '99999', '--data', 'memory'));
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.include('port must be').and.include('--help');
  });

  it('prints where it listens in its first line, and on SIGTERM asks sockets to move and ends with 0', async () => {
    const child = run('--port', '0', '--data', 'memory', '--json');
    const end = ended(child);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const line = JSON.parse(first.toString().split('\n')[0] ?? '') as Record<string, string | null>;
    expect(line).to.have.all.keys('event', 'url', 'tlsUrl', 'tlsCaFile', 'adminToken', 'orgId');
    expect(line).to.include({ event: 'listening', tlsUrl: null, tlsCaFile: null });

    const post = async (path: string, token: unknown, body: object): Promise<Record<string, string>> => {
      const answer = await fetch(`${String(line['url'])}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as Record<string, string>;
    };
    const user = await post('/admin/v1/users', line['adminToken'], { email: 'a@b.org', displayName: 'A' });
    const { webSocketUrl = '' } = await post('/wdm/api/v1/devices', user['accessToken'], {});
    const socket = new WebSocket(webSocketUrl);
    await once(socket, 'open');
    const types: unknown[] = [];
    socket.on('message', (data: Buffer) =>
      types.push((JSON.parse(data.toString()) as { type?: string }).type),
    );
    socket.send(JSON.stringify({ id: '1', type: 'authorization', data: { token: user['accessToken'] } }));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    child.kill('SIGTERM');
    expect((await closed)[0]).to.equal(1001);
    expect(types).to.deep.equal([undefined, 'shutdown']);
    const { code, err } = await end;
    expect([code, err]).to.deep.equal([0, '']);
  });
});
