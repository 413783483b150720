// The engine against the service: what one does, the others see; and what a stranger or a leaver gets.
import { createClient, type Client } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { startCloud, type Cloud } from '@trunkline/testing';
import type { ReadableActivity } from '@trunkline/conversation';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';
import { until } from '../kit/until.js';

type Member = Client<readonly [ReturnType<typeof e2ee>]>;

describe('The conversation engine against the service', () => {
  let cloud: Cloud;
  let ana: Member;
  let ben: Member;
  let cara: Member;
  let ids: { readonly ana: string; readonly ben: string; readonly cara: string };
  let room: string;
  before(async () => {
    cloud = await startCloud();
    [ana, ben, cara] = await cloud.clients(['ana', 'ben', 'cara'], () => [e2ee()] as const);
    await Promise.all([ana, ben, cara].map((client) => client.connect()));
    const idOf = async (name: string) => (await cloud.person(name)).id;
    ids = { ana: await idOf('ana'), ben: await idOf('ben'), cara: await idOf('cara') };
  });
  after(() => cloud.close());
  beforeEach(async () => {
    room = (await ana.conversation.create({ participants: [ids.ben, ids.cara], title: 'Launch' })).id;
  });

  it('keeps the order of posts that no one waits for', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => String(n));
    await Promise.all(texts.map((text) => ana.conversation.post(room, { text })));
    const found = await ben.conversation.listActivities(room, { limit: 50 });
    expect(found.filter(({ verb }) => verb === 'post').map(({ object }) => object.displayName)).to.eql(texts);
  });

  it('sends only harmless HTML, and reads only harmless HTML', async () => {
    const { id } = await ana.conversation.post(room, {
      text: 'x',
      html: '<b onclick="x()">x</b><script>y</script><a href="javascript:z">z</a>',
    });
    const [found] = await ben.conversation.activities([id]);
    expect(found?.object.content).to.equal('<b>x</b><a>z</a>');
  });

  it('reacts once each, counts, and takes back', async () => {
    const { id } = await ana.conversation.post(room, { text: 'hello' });
    await ben.conversation.addReaction(room, id, 'celebrate');
    const own = await cara.conversation.addReaction(room, id, 'celebrate');
    await cara.conversation.addReaction(room, id, 'heart');
    expect(own.object.displayName).to.equal('celebrate');
    expect((await refusal(cara.conversation.addReaction(room, id, 'heart'))).code).to.equal('ERR_CONFLICT');
    const counted = async () =>
      (await cara.conversation.reactions(room, id)).map(({ name, count, mine }) => [
        name,
        count,
        mine === own.id,
      ]);
    expect(await counted()).to.have.deep.members([
      ['celebrate', 2, true],
      ['heart', 1, false],
    ]);
    await cara.conversation.removeReaction(room, own.id);
    expect(await counted()).to.have.deep.members([
      ['celebrate', 1, false],
      ['heart', 1, false],
    ]);
  });

  it('reacts to a message of an older key as everybody does', async () => {
    const { id } = await ana.conversation.post(room, { text: 'hello' });
    await ben.conversation.addReaction(room, id, 'heart');
    await ana.conversation.updateKey(room);
    await cara.conversation.addReaction(room, id, 'heart');
    expect(await ana.conversation.reactions(room, id)).to.eql([{ name: 'heart', count: 2 }]);
  });

  it('says to the others who is writing, and not to the writer', async () => {
    const seen: unknown[] = [];
    const own: unknown[] = [];
    ben.conversation.onTyping(({ conversationId, personId, isTyping }) => {
      if (conversationId === room) seen.push([personId, isTyping]);
    });
    ana.conversation.onTyping((typing) => own.push(typing));
    await ana.conversation.typing(room, true);
    await until(
      () => seen.length === 1,
      () => 'nothing arrived',
    );
    await ana.conversation.typing(room, false);
    await until(
      () => seen.length === 2,
      () => 'the end did not arrive',
    );
    expect(seen).to.eql([
      [ids.ana, true],
      [ids.ana, false],
    ]);
    expect(own).to.eql([]);
  });

  it('changes one’s own view of a conversation, and no one else’s', async () => {
    const tagsOf = async ({ conversation }: Member) => (await conversation.get(room)).tags;
    await ben.conversation.mute(room);
    await ben.conversation.favorite(room);
    await ben.conversation.tag(room, ['MENTION_NOTIFICATIONS_OFF']);
    expect(await tagsOf(ben)).to.include.members(['MUTED', 'FAVORITE', 'MENTION_NOTIFICATIONS_OFF']);
    expect(await tagsOf(ana)).not.to.include('MUTED');
    await ben.conversation.unmute(room);
    await ben.conversation.unfavorite(room);
    await ben.conversation.untag(room, ['MENTION_NOTIFICATIONS_OFF']);
    expect(await tagsOf(ben)).not.to.include.members(['MUTED']);
    const direct = await ben.conversation.direct(ids.cara);
    await ben.conversation.hide(direct);
    expect((await ben.conversation.get(direct)).tags).to.include('HIDDEN');
    await ben.conversation.unhide(direct);
    expect((await ben.conversation.get(direct)).tags).not.to.include('HIDDEN');
    expect((await cara.conversation.getByUser(ids.ben)).id).to.equal(direct);
  });

  it('changes a conversation for all: title, lock, announcements', async () => {
    await ana.conversation.update(room, { title: 'Lift-off' });
    expect((await ben.conversation.get(room)).displayName).to.equal('Lift-off');
    await ana.conversation.lock(room);
    expect((await ben.conversation.get(room)).tags).to.include('LOCKED');
    expect((await refusal(ben.conversation.update(room, { title: 'Mine' }))).code).to.equal('ERR_FORBIDDEN');
    await ana.conversation.setSpaceProperty(room, 'ANNOUNCEMENT');
    expect((await refusal(ben.conversation.post(room, { text: 'x' }))).code).to.equal('ERR_FORBIDDEN');
    await ana.conversation.unsetSpaceProperty(room, 'ANNOUNCEMENT');
    await ana.conversation.unlock(room);
    await ben.conversation.post(room, { text: 'x' });
  });

  it('submits a card whose inputs the others can read', async () => {
    const card = '{"type":"AdaptiveCard","version":"1.2","body":[],"actions":[{"type":"Action.Submit"}]}';
    const received: ReadableActivity[] = [];
    ana.conversation.onActivity((activity) => {
      if (activity.verb === 'cardAction') received.push(activity);
    });
    const { id, object } = await ana.conversation.post(room, { text: 'vote', cards: [card] });
    expect(object.cards).to.eql([card]);
    await ben.conversation.cardAction(room, id, { vote: 'yes' });
    await until(
      () => received.length > 0,
      () => 'no card action',
    );
    expect(JSON.parse(received[0]?.object.inputs ?? '')).to.eql({ vote: 'yes' });
    expect(received[0]?.parent?.id).to.equal(id);
  });

  it('lists mentions, threads, parents and children', async () => {
    const root = await ana.conversation.post(room, { text: 'Ben?', mentionedPeople: [ids.ben] });
    await ben.conversation.post(room, { text: 'yes' }, { parentId: root.id });
    await ana.conversation.edit(room, root.id, { text: 'Ben!', mentionedPeople: [ids.ben] });
    expect((await ben.conversation.listMentions().page()).items.map(({ id }) => id)).to.include(root.id);
    const [thread] = (await ben.conversation.listThreads().page()).items;
    expect(thread?.parentActivityId).to.equal(root.id);
    expect(thread?.childActivities.map(({ object }) => object.displayName)).to.eql(['yes']);
    expect(await ana.conversation.parents(room)).to.deep.include({ reply: [root.id], edit: [root.id] });
    const replies = await all(ana.conversation.children(room, root.id, 'reply'));
    expect(replies.map(({ object }) => object.displayName)).to.eql(['yes']);
  });

  it('shows messages by thread', async () => {
    const texts = Array.from({ length: 25 }, (_, n) => `m${String(n)}`);
    const posted = await Promise.all(texts.map((text) => ana.conversation.post(room, { text })));
    const third = posted[3]?.id ?? '';
    const reply = await ben.conversation.post(room, { text: 'reply' }, { parentId: third });
    await ben.conversation.edit(room, reply.id, { text: 'better reply' });
    await ana.conversation.edit(room, third, { text: 'edited' });
    await cara.conversation.addReaction(room, third, 'heart');
    const shown = await all(ben.conversation.listThreaded(room, { limit: 10 }));
    expect(shown.map(({ activity }) => activity.object.displayName)).to.eql(
      texts.map((text) => (text === 'm3' ? 'edited' : text)).reverse(),
    );
    const message = shown.find(({ activity }) => activity.id === third);
    expect(message?.reactions).to.eql([{ name: 'heart', count: 1 }]);
    expect(message?.replies.map(({ activity }) => activity.object.displayName)).to.eql(['better reply']);
    const around = await ben.conversation.listThreaded(room, { limit: 10, around: reply.id }).page();
    expect(around.items.map(({ activity }) => activity.id)).to.include(third);
  });

  describe('when someone leaves', () => {
    it('writes under a key that a removed member never had', async () => {
      await cara.conversation.post(room, { text: 'before' });
      const { defaultActivityEncryptionKeyUrl: old } = await ana.conversation.get(room);
      await ana.conversation.leave(room, ids.cara);
      // Ben may or may not know yet: the content is under the new key either way
      const after = await ben.conversation.post(room, { text: 'after' });
      expect(after.encryptionKeyUrl).to.be.a('string').and.not.equal(old);
      expect((await refusal(cara.conversation.listActivities(room))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(cara.conversation.post(room, { text: 'x' }))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(cara.encryption.getKey(after.encryptionKeyUrl ?? ''))).code).to.equal(
        'ERR_KEY_DENIED',
      );
      expect((await ana.conversation.activities([after.id]))[0]?.object.displayName).to.equal('after');
    });

    it('lists what one has left', async () => {
      await cara.conversation.leave(room);
      const left = await all(cara.conversation.listLeft());
      expect(left.map(({ id }) => id)).to.include(room);
      const after = await ana.conversation.post(room, { text: 'after' });
      expect((await refusal(cara.encryption.getKey(after.encryptionKeyUrl ?? ''))).code).to.equal(
        'ERR_KEY_DENIED',
      );
    });
  });

  it('reveals nothing to a stranger', async () => {
    const { accessToken } = await cloud.person('dan');
    const dan = createClient({ token: accessToken, service: cloud.url, plugins: [e2ee()] });
    try {
      const { id } = await ana.conversation.post(room, { text: 'secret' });
      for (const work of [
        () => dan.conversation.reactions(room, id),
        () => dan.conversation.addReaction(room, id, 'heart'),
        () => dan.conversation.typing(room, true),
        () => dan.conversation.parents(room),
        () => dan.conversation.listThreaded(room).page(),
        () => dan.conversation.mute(room),
      ])
        expect((await refusal(work())).code).to.equal('ERR_NOT_FOUND');
      expect(await dan.conversation.activities([id])).to.eql([]);
    } finally {
      await dan.close();
    }
  });
});
