import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { runProgram } from './tools.js';

/** A whole encrypted conversation between two people, written once for both kinds of modules. */
const conversation = `
const options = (token) => ({
  token, service: process.env.SERVICE, plugins: [rooms(), messages(), memberships(), people(), e2ee()],
});
async function main() {
  const ana = createClient(options(process.env.ANA));
  const ben = createClient(options(process.env.BEN));
  const created = new Promise((resolve) => ben.messages.on('created', resolve));
  await ben.messages.listen();
  const room = await ana.rooms.create({ title: 'Builds' });
  await ana.memberships.create({ roomId: room.id, personEmail: process.env.BEN_EMAIL });
  await ana.messages.create({ roomId: room.id, text: 'hello from here' });
  const { text } = await created;
  const refused = await ben.rooms.get('nothing').catch((error) => error);
  const me = await ben.people.get('me');
  await Promise.all([ana.close(), ben.close()]);
  console.log(JSON.stringify([text, isSdkError(refused), me.displayName]));
}
main();
`;
const names = {
  '@trunkline/core': 'createClient, isSdkError',
  '@trunkline/rooms': 'rooms',
  '@trunkline/messages': 'messages',
  '@trunkline/memberships': 'memberships',
  '@trunkline/people': 'people',
  '@trunkline/encryption': 'e2ee',
};
const required = (packages: readonly string[]): string =>
  Object.entries(names)
    .filter(([name]) => packages.includes(name))
    .map(([name, what]) => `const { ${what} } = require('${name}');`)
    .join('\n');
const imported = (packages: readonly string[]): string =>
  Object.entries(names)
    .filter(([name]) => packages.includes(name))
    .map(([name, what]) => `import { ${what} } from '${name}';`)
    .join('\n');
const all = Object.keys(names);
const mixed = ['@trunkline/messages', '@trunkline/encryption'];

describe('programs of their own', function () {
  this.timeout(20_000);
  let cloud: Cloud;
  let env: Readonly<Record<string, string>>;
  before(async () => {
    cloud = await startCloud();
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    env = { SERVICE: cloud.url, ANA: ana.accessToken, BEN: ben.accessToken, BEN_EMAIL: ben.email };
  });
  after(() => cloud.close());

  const expectConversation = async (source: string, type: 'module' | 'commonjs'): Promise<void> => {
    const { code, stdout, stderr } = await runProgram(source, type, env);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(JSON.parse(stdout)).to.deep.equal(['hello from here', true, 'Ben']);
  };

  it('hold an encrypted conversation with imports', () =>
    expectConversation(`${imported(all)}\n${conversation}`, 'module'));

  it('hold it with require', () => expectConversation(`${required(all)}\n${conversation}`, 'commonjs'));

  it('hold it with a core that was imported and plugins that were required', () =>
    expectConversation(
      [
        `import { createRequire } from 'node:module';`,
        `const require = createRequire(process.cwd() + '/index.js');`,
        imported(all.filter((name) => !mixed.includes(name))),
        required(mixed),
        conversation,
      ].join('\n'),
      'module',
    ));

  it('end by themselves when a client that was never connected is not closed', async () => {
    const source = `${required(['@trunkline/core'])}
      const idle = createClient({ token: process.env.ANA, service: process.env.SERVICE });
      const used = createClient({ token: process.env.ANA, service: process.env.SERVICE });
      used.request({ service: 'hydra', path: 'people/me' }).then(({ status }) => console.log(idle.socket.state, status));`;
    const { code, stdout, stderr } = await runProgram(source, 'commonjs', env);
    expect([code, stdout.trim(), stderr]).to.deep.equal([0, 'idle 200', '']);
  });

  it('end by themselves after close, with a refreshing token and a device that keeps itself alive', async () => {
    const source = `${imported(['@trunkline/core'])}
      const client = createClient({
        token: () => ({ accessToken: process.env.ANA, expiresAtMs: Date.now() + 3_600_000 }),
        service: process.env.SERVICE, config: { device: { ttlS: 1800 } },
      });
      const device = await client.connect();
      await client.close();
      console.log(device.url.startsWith(process.env.SERVICE));`;
    const { code, stdout, stderr } = await runProgram(source, 'module', env);
    expect([code, stdout.trim(), stderr]).to.deep.equal([0, 'true', '']);
  });

  it('survive whatever no one waits for: no rejection goes unheard', async () => {
    const source = `${imported(['@trunkline/core', '@trunkline/rooms', '@trunkline/encryption'])}
      for (const token of ['A_B_C', process.env.ANA]) {
        const client = createClient({ token, service: process.env.SERVICE, plugins: [rooms(), e2ee()] });
        const ended = [client.ready(), client.connect(), client.rooms.listen(), client.encryption.ping(),
          client.rooms.create({ title: 'x' })].map((work) => work.then(() => 'done', (error) => error.code));
        await new Promise((resolve) => setTimeout(resolve, token === 'A_B_C' ? 0 : 20));
        await client.close();
        console.log((await Promise.all(ended)).every((code) => /^(done|ERR_CLIENT_CLOSED|ERR_AUTH_EXPIRED)$/.test(code)));
      }`;
    const { code, stdout, stderr } = await runProgram(source, 'module', env);
    expect([code, stdout.trim(), stderr]).to.deep.equal([0, 'true\ntrue', '']);
  });
});
