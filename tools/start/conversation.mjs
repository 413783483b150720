// Two people, a client each, one room, one encrypted message; printed as it happens. Throws when anything is missing.
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

const at = (name, entry = 'index') => new URL(`../../packages/${name}/dist/esm/${entry}.js`, import.meta.url);
const { createClient } = await import(at('core', 'index.node'));
const { e2ee } = await import(at('encryption', 'index.node'));
const [{ rooms }, { messages }, { memberships }, { people }] = await Promise.all(
  ['rooms', 'messages', 'memberships', 'people'].map((name) => import(at(name))),
);
const { WebSocket } = createRequire(new URL('../../packages/core/package.json', import.meta.url))('ws');

const started = performance.now();
const color = process.stdout.isTTY
  ? (code, text) => `\u001b[${code}m${text}\u001b[0m`
  : (_code, text) => text;
const say = (who, text) =>
  console.log(
    `${color(2, `${(performance.now() - started).toFixed(0).padStart(6)} ms`)}  ${color(36, who.padEnd(8))} ${text}`,
  );
const short = (text) => (text.length > 72 ? `${text.slice(0, 69)}…` : text);
const within = (promise, what, ms = 15_000) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/**
 * @param service what trunkline-server --json prints: url, adminToken, orgId
 * @param cast    the demo people, see `createCast`
 */
export async function tellConversation(service, [ana, ben]) {
  say('service', `listens on ${service.url}`);
  say('service', `has two people: ${ana.name} and ${ben.name}`);

  // what really travels: the body of Ana's request, the frame on Ben's socket
  let sent = '';
  let received = '';
  const watchedFetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (/\/activities/.test(url) && typeof init?.body === 'string') sent = init.body;
    return fetch(input, init);
  };
  class WatchedSocket extends WebSocket {
    constructor(url) {
      super(url);
      this.on('message', (data) => {
        const text = String(data);
        if (text.includes('"verb":"post"')) received = text;
      });
    }
  }
  const plugins = () => [rooms(), messages(), memberships(), people(), e2ee()];
  const one = createClient({
    service: service.url,
    token: ana.accessToken,
    plugins: plugins(),
    fetch: watchedFetch,
  });
  const two = createClient({
    service: service.url,
    token: ben.accessToken,
    plugins: plugins(),
    WebSocket: WatchedSocket,
  });
  try {
    two.socket.on('state', ({ from, to }) => say('ben', `socket ${from} → ${to}`));
    const arrival = new Promise((resolve) => two.messages.on('created', resolve));
    const receipt = new Promise((resolve) => one.memberships.on('seen', resolve));
    await within(Promise.all([one.memberships.listen(), two.messages.listen()]), 'connecting');

    const room = await one.rooms.create({ title: 'Launch' });
    say('ana', `opened the room “${room.title}”`);
    await one.memberships.create({ roomId: room.id, personEmail: ben.email });
    say('ana', `invited ${ben.name}`);

    const text = 'The launch is at nine. Bring the keys.';
    const posted = performance.now();
    say('ana', `writes “${text}”`);
    await one.messages.create({ roomId: room.id, text });
    const message = await within(arrival, 'the message');
    const tookMs = performance.now() - posted;
    const cipher = JSON.parse(sent).object.displayName;
    say('wire', `${short(cipher)}  (key ${short(JSON.parse(sent).encryptionKeyUrl)})`);
    say('ben', `reads  “${message.text}”  ${tookMs.toFixed(0)} ms after it was written`);
    if (message.text !== text) throw new Error(`Ben read something else: ${message.text}`);
    if (cipher.split('.').length !== 5) throw new Error('what Ana sent was not a JWE');
    if (sent.includes('nine') || received.includes('nine'))
      throw new Error('the text was on the wire in clear');
    if (!received.includes(cipher)) throw new Error('Ben’s socket did not carry the ciphertext');

    await two.memberships.updateLastSeen({ id: message.id, roomId: room.id });
    const seen = await within(receipt, 'the read receipt');
    if (seen.lastSeenId !== message.id) throw new Error('the read receipt is for another message');
    say('ana', `sees that ${seen.personDisplayName || seen.personEmail} has read it`);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
  say('done', 'written, encrypted, carried, decrypted, read');
}
