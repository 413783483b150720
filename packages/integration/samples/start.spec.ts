import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';

const root = path.resolve(import.meta.dirname, '../../..');
// outside of an npm script that runs these tests: its settings would be taken for this one's
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_V8_COVERAGE'),
);

interface Started {
  readonly npm: ChildProcess;
  /** everything printed so far */
  readonly text: () => string;
  /** resolves when it prints this */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>;
}

function start(...args: string[]): Started {
  const npm = spawn('npm', ['start', '--', '--no-build', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [npm.stdout, npm.stderr])
    stream.on('data', (part: Buffer) => {
      text += part.toString();
      for (const look of waiting) look();
    });
  npm.once('exit', () => {
    for (const look of waiting) look();
  });
  return {
    npm,
    text: () => text,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match !== null) resolve(match);
          else if (npm.exitCode !== null) reject(new Error(`ended with ${String(npm.exitCode)}: ${text}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );
async function goneWithin(url: string, ms: number): Promise<boolean> {
  for (const endMs = Date.now() + ms; Date.now() < endMs;) {
    if (!(await answers(url))) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

describe('npm start', function () {
  this.timeout(120_000);

  it('prints whose token it shows, and leaves nothing running when npm gets SIGTERM (H10, H19, H23)', async () => {
    const { npm, prints, text } = start('--port', '0', '--demo-port', '0');
    const [, service = ''] = await prints(/The service is at (http:\S+); admin token/);
    const [, demo = ''] = await prints(/The demo is at (http:\S+?) /);
    await prints(/export SERVICE=\S+ TOKEN=\S+\n/);
    const [, name, token = ''] = /of your own, as ([^:]+):\n.*token: '([^']+)'/.exec(text()) ?? [];
    const me = await fetch(`${service}/v1/people/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await me.json()) as object).to.include({ displayName: name });
    expect(name).to.equal('Ana Lima');
    for (const email of ['ana', 'ben', 'chloe', 'dev', 'eva'])
      expect(text()).to.match(new RegExp(`  ${email}@example\\.com +\\w+-\\w+-\\w+-\\w+\n`));
    expect(await answers(service)).to.equal(true);
    npm.kill('SIGTERM');
    expect(await goneWithin(service, 20_000), 'the service is gone').to.equal(true);
    expect(await goneWithin(demo, 20_000), 'the demo is gone').to.equal(true);
  });

  it('on a port in use says how to choose another one (H22)', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { npm, text } = start('--port', String(port));
    const [code] = (await once(npm, 'close')) as [number];
    taken.close();
    expect(code).to.equal(1);
    expect(text())
      .to.include('npm start -- --port 0')
      .and.include(`port ${String(port)} is in use`);
  });

  it('lets webhooks go to this machine with --allow-private-targets, which the refusal names (H10)', async () => {
    for (const [args, status] of [
      [[], 400],
      [['--allow-private-targets'], 200],
    ] as const) {
      const { npm, prints } = start('--port', '0', '--demo-port', '0', ...args);
      const [, service = '', token = ''] = await prints(/export SERVICE=(\S+) TOKEN=(\S+)\n/);
      const response = await fetch(`${service}/v1/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          name: 'w',
          targetUrl: 'http://127.0.0.1:9/',
          resource: 'messages',
          event: 'created',
        }),
      });
      expect(response.status).to.equal(status);
      if (status === 400) expect(await response.text()).to.include('--allow-private-targets');
      npm.kill('SIGTERM');
      await once(npm, 'exit');
      expect(await goneWithin(service, 20_000)).to.equal(true);
    }
  });
});
