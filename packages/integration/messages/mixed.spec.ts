import { e2ee } from '@trunkline/encryption';
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, part, roomOf, type Member } from '../kit/members.js';

const hostile =
  '<b>bold</b><script>alert(1)</script><img src="x" onerror="alert(2)"><a href="javascript:alert(3)">link</a>' +
  '<a href="https://example.com" onclick="alert(4)">good</a><iframe src="https://example.com"></iframe>' +
  '<svg><a xlink:href="javascript:alert(5)">x</a></svg><p style="background:url(javascript:alert(6))">end</p>';

function expectSafe(html: string | undefined): void {
  expect(html).to.contain('<b>bold</b>').and.contain('href="https://example.com"').and.contain('end');
  expect(html).not.to.match(/script|onerror|onclick|iframe|svg|style|alert|<img/i);
}

describe('a room with members by REST and with e2ee', () => {
  let cloud: Cloud;
  let plain: Member;
  let secret: Member;
  let roomId: string;
  before(async () => {
    cloud = await startCloud();
    [plain] = await join(cloud, 'rest', ['ana']);
    [secret] = await join(cloud, 'e2ee', ['ben']);
    roomId = (await roomOf(plain, 'ben@example.com')).id;
  });
  after(() => part(cloud, plain, secret));

  it('lets each read what the other writes, edits and takes back', async () => {
    for (const [writer, reader] of [
      [plain, secret],
      [secret, plain],
    ] as const) {
      const created = nextEvent(reader.messages, 'created');
      const sent = await writer.messages.create({ roomId, markdown: 'über **alles**', text: 'über alles' });
      const first = await created;
      expect(first).to.include({
        id: sent.id,
        text: 'über alles',
        personId: sent.personId,
        created: sent.created,
      });
      expect(first.html).to.contain('<strong>alles</strong>');
      expect(await reader.messages.get(sent)).to.include({ text: 'über alles' });

      const updated = nextEvent(reader.messages, 'updated');
      await writer.messages.update(sent.id, { roomId, text: 'doch nicht' });
      expect(await updated)
        .to.include({ id: sent.id, text: 'doch nicht' })
        .and.not.have.property('html');
      const [newest] = await all(reader.messages.list({ roomId, max: 1 }));
      expect(newest).to.include({ id: sent.id, text: 'doch nicht' });

      const answered = nextEvent(writer.messages, 'created');
      await reader.messages.create({ roomId, text: 'gut', parentId: sent.id });
      expect(await answered).to.include({ text: 'gut', parentId: sent.id });
      const deleted = nextEvent(reader.messages, 'deleted');
      await writer.messages.remove(sent);
      expect((await deleted).id).to.equal(sent.id);
    }
  });

  it('emits no deleted message when a reaction is removed', async () => {
    const [cloe] = await cloud.clients(['ben'], () => [e2ee()] as const);
    await cloe.connect();
    const received: string[] = [];
    const listeners = [plain, secret].map((client) =>
      client.messages.on('deleted', ({ id }) => received.push(id)),
    );
    const sent = await plain.messages.create({ roomId, text: 'liked for a moment' });
    const uuid = (id: string): string => decodeId(id)?.local ?? '';
    const { id } = await cloe.conversation.addReaction(uuid(roomId), uuid(sent.id), 'heart');
    const undone = await cloe.conversation.removeReaction(uuid(roomId), id);
    expect(undone.parent).to.include({ id: uuid(sent.id), type: 'reaction' });
    // what comes later says that nothing else came before
    const later = [plain, secret].map((client) => nextEvent(client.messages, 'deleted'));
    const gone = await plain.messages.create({ roomId, text: 'gone' });
    await plain.messages.remove(gone);
    await Promise.all(later);
    expect(received).to.deep.equal([gone.id, gone.id]);
    expect((await plain.messages.get(sent)).text).to.equal('liked for a moment');
    for (const off of listeners) off();
    await cloe.close();
  });

  it('is one direct room, no matter who writes first and how', async () => {
    const first = await secret.messages.create({ toPersonEmail: 'ana@example.com', text: 'psst' });
    const second = await plain.messages.create({ toPersonEmail: 'ben@example.com', text: 'yes?' });
    expect(second.roomId).to.equal(first.roomId);
    const texts = (await all(plain.messages.listDirect({ personEmail: 'ben@example.com' }))).map(
      ({ text }) => text,
    );
    expect(texts).to.deep.equal(['yes?', 'psst']);
  });

  it('has the same title for both, and a new one for both', async () => {
    const received = nextEvent(secret.rooms, 'updated');
    await plain.rooms.update({ id: roomId, title: 'Nur für uns' });
    await received;
    expect((await secret.rooms.get(roomId)).title).to.equal('Nur für uns');
    expect((await secret.rooms.getWithReadStatus(roomId)).title).to.equal('Nur für uns');
  });

  it('stores only ciphertext of what was written with e2ee', async () => {
    const sent = await secret.messages.create({ roomId, text: 'a needle in a haystack' });
    const { body } = await plain.request<string>({
      service: 'conversation',
      path: `activities/${Buffer.from(sent.id, 'base64url').toString().split('/').pop() ?? ''}`,
      as: 'text',
    });
    expect(body).not.to.contain('needle');
    expect(body).to.contain('"displayName":"ey'); // the beginning of any JWE
  });

  it('gets HTML without anything that runs, when it is written by REST', async () => {
    const received = nextEvent(secret.messages, 'created');
    const sent = await plain.messages.create({ roomId, html: hostile });
    expectSafe(sent.html);
    expectSafe((await received).html);
    expectSafe((await secret.messages.get(sent)).html);
    const updated = nextEvent(secret.messages, 'updated');
    await plain.messages.update(sent.id, { roomId, html: `${hostile}!` });
    expectSafe((await updated).html);
  });

  it('gets HTML without anything that runs by REST, when it is written with e2ee', async () => {
    const received = nextEvent(plain.messages, 'created');
    const sent = await secret.messages.create({ roomId, html: hostile });
    const event = await received;
    expectSafe(event.html);
    expect(event.text).not.to.contain('<');
    expectSafe((await plain.messages.get(sent)).html);
    const [listed] = await all(plain.messages.list({ roomId, max: 1 }));
    expectSafe(listed?.html);
    const updated = nextEvent(plain.messages, 'updated');
    await secret.messages.update(sent.id, { roomId, html: hostile });
    expectSafe((await updated).html);
  });
});
