import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { refusal } from './tools.js';

const plugins = () => [rooms(), messages(), memberships(), people()] as const;
const encrypted = () => [...plugins(), e2ee()] as const;
const tenMB = 10 * 1024 * 1024;

describe('bad input', function () {
  this.timeout(30_000);
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = (await cloud.person('ana')).accessToken;
  });
  after(() => cloud.close());

  it('tokens that are none are refused by the service, whatever they look like', async () => {
    for (const wrong of [
      'x',
      'A_B_00000000-0000-4000-8000-000000000000',
      `${token}x`,
      token.slice(1),
      "'; drop table tokens; --".replaceAll(' ', ''),
      'y'.repeat(8_000),
    ]) {
      const client = await cloud.client('nobody', plugins(), { token: wrong });
      const secret = wrong.length > 5 ? wrong : undefined;
      for (const call of [() => client.ready(), () => client.connect(), () => client.rooms.list().page()]) {
        const error = await refusal(call(), secret);
        expect([error.code, error.retryable]).to.deep.equal(['ERR_AUTH_EXPIRED', false]);
      }
      await client.close();
      await expectQuiet(client);
    }
  });

  it('a token that is longer than any header may be is refused', async () => {
    const wrong = 'z'.repeat(100_000);
    const client = await cloud.client('nobody', plugins(), { token: wrong });
    const error = await refusal(client.rooms.list().page(), wrong);
    expect([error.code, error.status, error.retryable]).to.deep.equal(['ERR_TOO_LARGE', 431, false]);
    await client.close();
    await expectQuiet(client);
  });

  for (const [mode, chosen] of [
    ['rest', plugins],
    ['e2ee', encrypted],
  ] as const)
    it(`a body of 10 MB is refused before it is stored, ${mode}`, async () => {
      const client = await cloud.client('ana', chosen());
      const room = await client.rooms.create({ title: 'Large' });
      const text = 'x'.repeat(tenMB);
      const error = await refusal(client.messages.create({ roomId: room.id, text }), token);
      expect([error.code, error.retryable]).to.deep.equal(['ERR_TOO_LARGE', false]);
      const renamed = await refusal(client.rooms.update({ ...room, title: text }), token);
      expect([renamed.code, renamed.retryable]).to.deep.equal(['ERR_TOO_LARGE', false]);
      // and nothing is broken by it
      const { id } = await client.messages.create({ roomId: room.id, text: 'small' });
      const { items } = await client.messages.list({ roomId: room.id }).page();
      expect(items.map((message) => message.id)).to.deep.equal([id]);
      await client.close();
      await expectQuiet(client);
    });

  it('JSON that is none is refused, and what is not an object too', async () => {
    const client = await cloud.client('ana', plugins());
    const headers = { 'content-type': 'application/json' };
    for (const body of [
      '{',
      '{"title":}',
      '"title"',
      '7',
      'null',
      '[]',
      '{"title":"a"} trailing',
      '\u0000',
    ]) {
      const call = client.request({ method: 'POST', service: 'hydra', path: 'rooms', headers, body });
      const error = await refusal(call, token);
      expect([error.code, error.status, error.retryable], body).to.deep.equal([
        'ERR_BAD_REQUEST',
        400,
        false,
      ]);
    }
    await client.close();
  });

  it('fields of a query that no one knows change nothing', async () => {
    const client = await cloud.client('ben', plugins());
    for (const title of ['One', 'Two']) await client.rooms.create({ title });
    const known = await client.rooms.list({ max: 1 }).page();
    const { body } = await client.request<{ items: unknown[] }>({
      service: 'hydra',
      path: 'rooms',
      query: { max: 1, nonsense: 'x', 'a[b]': 'c', constructor: 'd', ['__proto__']: 'e' },
    });
    expect(body.items).to.deep.equal(known.items);
    await client.close();
  });

  it('ids of the wrong kind, and what is not an id, lead nowhere', async () => {
    const client = await cloud.client('ana', plugins());
    const room = await client.rooms.create({ title: 'Kinds' });
    const message = await client.messages.create({ roomId: room.id, text: 'hello' });
    const me = await client.people.get('me');
    const calls: readonly (readonly [string, string, () => Promise<unknown>])[] = [
      ['ERR_NOT_FOUND', 'a message as a room', () => client.rooms.get(message.id)],
      ['ERR_NOT_FOUND', 'a room as a message', () => client.messages.get(room.id)],
      ['ERR_NOT_FOUND', 'a room as a person', () => client.people.get(room.id)],
      ['ERR_NOT_FOUND', 'a person as a membership', () => client.memberships.get(me.id)],
      [
        'ERR_BAD_REQUEST',
        'a person as the room of a message',
        () => client.messages.create({ roomId: me.id, text: 'hello' }),
      ],
      [
        'ERR_BAD_REQUEST',
        'a message as the room of a list',
        () => client.messages.list({ roomId: message.id }).page(),
      ],
      [
        'ERR_BAD_REQUEST',
        'a room as the person of a membership',
        () => client.memberships.create({ roomId: room.id, personId: room.id }),
      ],
      ['ERR_NOT_FOUND', 'a path', () => client.rooms.get('../people/me')],
      ['ERR_NOT_FOUND', 'a query', () => client.rooms.get('?max=1')],
      ['ERR_NOT_FOUND', 'Base64 of nothing', () => client.rooms.get('Y2lzY29zcGFyazovL3VzL1JPT00v')],
      ['ERR_NOT_FOUND', 'letters of everywhere', () => client.rooms.get('räume/комната/部屋')],
      ['ERR_TOO_LARGE', 'a long one', () => client.rooms.get('x'.repeat(5_000))],
    ];
    for (const [code, what, call] of calls) {
      const error = await refusal(call(), token);
      expect([error.code, error.retryable], what).to.deep.equal([code, false]);
    }
    await client.close();
  });

  it('a page cursor that was altered, made up or is another person’s is refused', async () => {
    const ana = await cloud.client('cleo', plugins());
    const ben = await cloud.client('dan', plugins());
    for (const title of ['One', 'Two', 'Three']) await ana.rooms.create({ title });
    const list = { service: 'hydra', path: 'rooms', query: { max: 1 } } as const;
    const { headers } = await ana.request(list);
    const next = new URL(/<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '');
    const cursor = next.searchParams.get('cursor') ?? '';
    const ask = (client: typeof ana, value: string) =>
      client.request({ ...list, query: { max: 1, cursor: value } });
    expect((await ask(ana, cursor)).status).to.equal(200);
    const flipped = `${cursor.slice(0, 5)}${cursor[5] === 'A' ? 'B' : 'A'}${cursor.slice(6)}`;
    const [body = ''] = cursor.split('.');
    for (const [client, value] of [
      [ana, flipped],
      [ana, body],
      [ana, `${body}.`],
      [ana, cursor.slice(0, -1)],
      [ana, 'x'.repeat(10_000)],
      [ana, Buffer.from('{"before":1}').toString('base64url')],
      [ben, cursor],
    ] as const) {
      const error = await refusal(ask(client, value), token);
      expect([error.code, error.retryable]).to.deep.equal(['ERR_BAD_REQUEST', false]);
      expect(error.message).to.contain('cursor');
    }
    await Promise.all([ana.close(), ben.close()]);
  });
});
