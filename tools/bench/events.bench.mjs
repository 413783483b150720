// Encrypted message events: from the socket's frame to the app's event, acknowledgement included.
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const at = (name, entry = 'index') => new URL(`../../packages/${name}/dist/esm/${entry}.js`, import.meta.url);
const { e2ee } = await import(at('encryption', 'index.node'));
const { rooms } = await import(at('rooms'));
const { messages } = await import(at('messages'));
const { memberships } = await import(at('memberships'));
const { startCloud } = await import(at('testing'));
const { WebSocket } = createRequire(new URL('../../packages/core/package.json', import.meta.url))('ws');

export const title = 'encrypted message events, socket frame to app event';
export const goal =
  '≥ 0.60 of bare node:crypto decryption with JWE parsing, acks and JSON of the same frames';
const count = 2_000;

const header = Buffer.from('{"enc":"A256GCM","alg":"dir"}').toString('base64url');
function encrypt(key, text) {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(header));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [header, '', ...[iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
    '.',
  );
}
function decrypt(key, jwe) {
  const [head, , iv, sealed, tag] = jwe.split('.');
  if (JSON.parse(Buffer.from(head, 'base64url')).enc !== 'A256GCM') throw new Error('not ours');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
  decipher.setAAD(Buffer.from(head));
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  return decipher.update(Buffer.from(sealed, 'base64url'), undefined, 'utf8') + decipher.final('utf8');
}

export async function prepare() {
  const cloud = await startCloud();
  // the reader's socket, with its frames in our hands
  let socket;
  let frame;
  let acks = 0;
  let live = true;
  class TappedSocket extends WebSocket {
    constructor(url) {
      super(url);
      socket = this;
      this.on('message', (data) => {
        if (String(data).includes('"verb":"post"')) frame = String(data);
      });
    }
    send(text) {
      if (live) super.send(text);
      else if (text.includes('"ack"')) acks += 1;
    }
  }
  const plugins = () => [rooms(), messages(), memberships(), e2ee()];
  const writer = await cloud.client('ana', plugins());
  const reader = await cloud.client('ben', plugins(), { WebSocket: TappedSocket });
  await reader.messages.listen();
  const room = await writer.rooms.create({ title: 'Bench' });
  await writer.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
  const first = new Promise((resolve) => reader.messages.once('created', resolve));
  await writer.messages.create({ roomId: room.id, text: 'warm the key' });
  await first;

  const parsed = JSON.parse(frame);
  const keyUrl = parsed.data.activity.encryptionKeyUrl;
  const key = Buffer.from((await reader.encryption.getKey(keyUrl)).jwk.k, 'base64url');
  let sequence = parsed.sequenceNumber;
  /** new frames for each run: an id seen before is dropped, as it should be */
  const makeFrames = () =>
    Array.from({ length: count }, (_, n) => {
      sequence += 1;
      const copy = structuredClone(parsed);
      copy.id = randomUUID();
      copy.sequenceNumber = sequence;
      copy.data.activity.id = randomUUID();
      copy.data.activity.object.displayName = encrypt(
        key,
        `message ${n}: the launch is at nine, bring the keys`,
      );
      return JSON.stringify(copy);
    });
  live = false;

  let heard = 0;
  let letters = 0;
  reader.messages.on('created', ({ text }) => {
    heard += 1;
    letters += text.length;
  });
  const batches = [];
  for (let n = 0; n < 5 + 31; n += 1) batches.push(makeFrames());
  let batch = 0;
  return {
    count,
    ours: () => {
      const before = { heard, acks };
      for (const data of batches[batch]) socket.onmessage({ data });
      batch += 1;
      if (heard - before.heard !== count || acks - before.acks !== count)
        throw new Error(`${heard - before.heard} events and ${acks - before.acks} acks for ${count} frames`);
    },
    reference: () => {
      const seen = new Set();
      let acked = 0;
      for (const data of batches[Math.max(batch - 1, 0)]) {
        const { id, data: event } = JSON.parse(data);
        seen.add(id);
        letters += decrypt(key, event.activity.object.displayName).length;
        acked += JSON.stringify({ messageId: id, type: 'ack' }).length;
      }
      if (acked === 0) throw new Error('nothing acked');
    },
    close: async () => {
      live = true;
      await cloud.close();
    },
  };
}
