import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { startProxy, type AnyFrame } from '../core/proxy.js';
import { until } from '../kit/until.js';

const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
const config = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } } as const;
const texts = Array.from({ length: 20 }, (_, n) => `number ${String(n)}`);

type Send = (data: string | Uint8Array) => void;
const isPost = (text: string): boolean => text.includes('"verb":"post"');

/** What stands between the service and Ben does this with each frame. */
const mischief: Readonly<Record<string, () => (text: string, send: Send) => void>> = {
  'that are not JSON': () => (text, send) => {
    send(text);
    if (isPost(text)) for (const junk of ['', '{', '{"id":', 'null', '7', '[]', '"x"', '\u0000']) send(junk);
  },
  'that are too large': () => (text, send) => {
    send(text);
    // once is enough: it is 17 MB
    if (text.includes('buffer_state'))
      send(`{"id":"${randomUUID()}","data":"${'x'.repeat(17 * 1024 ** 2)}"}`);
  },
  'that are bytes and no text': () => (text, send) => {
    send(text);
    if (isPost(text)) send(new Uint8Array([0xff, 0xfe, 0, 1]));
  },
  'of an unknown type': () => (text, send) => {
    send(text);
    if (!isPost(text)) return;
    send(JSON.stringify({ id: randomUUID(), type: 'brand-new', data: { a: 1 } }));
    send(JSON.stringify({ id: randomUUID(), data: { eventType: 'brand.new', a: { b: [] } } }));
    send(JSON.stringify({ id: randomUUID(), data: { eventType: 7 } }));
    send(JSON.stringify({ id: 7, data: { eventType: 'conversation.activity' } }));
    send(JSON.stringify({ id: randomUUID(), data: { eventType: 'conversation.activity' } }));
    send(JSON.stringify({ id: randomUUID(), data: { eventType: 'conversation.activity', activity: null } }));
    send(
      JSON.stringify({
        id: randomUUID(),
        data: { eventType: 'conversation.activity', activity: { verb: 'post', object: {} } },
      }),
    );
  },
  repeated: () => (text, send) => {
    for (let n = 0; n < 3; n += 1) send(text);
  },
  'out of order': () => {
    let held: string | undefined;
    let count = 0;
    return (text, send) => {
      // every fifth message comes after the next
      const { redelivered } = JSON.parse(text) as AnyFrame;
      if (held === undefined && redelivered !== true && isPost(text) && (count += 1) % 5 === 0) {
        held = text;
        return;
      }
      send(text);
      if (held !== undefined) send(held);
      held = undefined;
    };
  },
  'that never come': () => {
    let count = 0;
    return (text, send) => {
      const { redelivered } = JSON.parse(text) as AnyFrame;
      if (redelivered === true || !isPost(text) || (count += 1) % 7 !== 0) send(text);
    };
  },
};

describe('socket frames', function () {
  this.timeout(30_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  for (const [what, make] of Object.entries(mischief))
    it(`${what}: each message is received once, in order`, async () => {
      const proxy = await startProxy(cloud.url, { send: make() });
      try {
        const ana = await cloud.client('ana', plugins());
        const ben = await cloud.client('ben', plugins(), { service: proxy.url, config });
        const received: string[] = [];
        ben.messages.on('created', ({ text }) => received.push(text ?? '?'));
        await ben.messages.listen();
        const room = await ana.rooms.create({ title: what });
        const roomId = room.id;
        await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
        // Ben asks for the key in peace: what is about keys is another test
        await ana.messages.create({ roomId, text: texts[0] ?? '' });
        await until(
          () => received.length === 1,
          () => 'the first message',
        );
        for (const text of texts.slice(1)) await ana.messages.create({ roomId, text });
        // a jump in the numbers is seen with the frame after it: here is one more
        await ana.rooms.update({ ...room, title: 'The end' });
        const missing = (): string => `${String(received.length)} of ${String(texts.length)} received`;
        await until(() => received.length >= texts.length, missing, 15_000);
        await new Promise((resolve) => setTimeout(resolve, 200)); // what comes twice would come now
        expect(received).to.deep.equal(texts);
        await until(
          () => ben.socket.state === 'open',
          () => 'an open socket',
        );
        await ben.close();
        await expectQuiet(ben);
        await ana.close();
      } finally {
        await proxy.close();
      }
    });
});
