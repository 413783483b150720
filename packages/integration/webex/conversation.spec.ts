import { startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { encodeId, type EventFrame, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import { collect, refusal, signIn } from './tools.js';

type Frame = EventFrame & { data: { activity: WireActivity } };
const bytesOf = (text: string, name: string) =>
  Object.assign(new TextEncoder().encode(text), { name, type: 'text/plain' });
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('webex.internal.conversation, three people', () => {
  let cloud: Cloud;
  let people: Record<'ana' | 'ben' | 'cara', CloudPerson>;
  let ana: Webex, ben: Webex, cara: Webex;
  const of = (webex: Webex) => webex.internal.conversation;
  const open = (title: string) =>
    of(ana).create({ participants: [people.ben.id, people.cara.email], displayName: title });
  before(async () => {
    cloud = await startCloud();
    const [a, b, c] = await Promise.all([
      cloud.person('ana'),
      cloud.person('ben'),
      cloud.person('cara'),
    ] as const);
    people = { ana: a, ben: b, cara: c };
    [ana, ben, cara] = await Promise.all([signIn(cloud, a), signIn(cloud, b), signIn(cloud, c)] as const);
    await Promise.all([ana, ben, cara].map((webex) => webex.internal.mercury.connect()));
  });
  after(async () => {
    await Promise.all([ana, ben, cara].map((webex) => webex.close()));
    await cloud.close();
  });

  it('files: what makeShare made, one, several; received, downloaded, not readable on the way', async () => {
    const talk = await open('Files');
    const frames = collect<Frame>(ben.internal.mercury, 'event:conversation.activity');
    const share = of(ana).makeShare(talk);
    const progress = collect<{ loaded: number; total: number }>(share, 'progress');
    await share.add(bytesOf('the plan', 'plan.txt'));
    await share.add(bytesOf('unwanted', 'x.txt'));
    const [, unwanted] = share.getFiles();
    await share.remove(unwanted);
    share.displayName = 'look at this';
    const sent = await of(ana).share(talk, share);
    const { activity } = (await frames.next(({ data }) => data.activity.id === sent.id)).data;
    expect(activity.object.displayName).to.equal('look at this');
    const [file] = activity.object.files?.items ?? [];
    expect(file).to.include({ displayName: 'plan.txt', fileSize: 8, mimeType: 'text/plain' });
    expect((file?.scr as unknown as { loc: string }).loc).to.equal(file?.url);
    expect(text(await of(ben).download(file ?? {}))).to.equal('the plan');
    expect(progress.seen.at(-1)).to.deep.equal({ loaded: 8, total: 8 });
    const raw = await ben.request({ uri: `${talk.url}/activities`, qs: { limit: 5 } });
    expect(JSON.stringify(raw.body)).not.to.match(/plan\.txt|look at this/);
    const two = await of(ben).share(talk, [bytesOf('1', '1.txt'), bytesOf('2', '2.txt')]);
    expect(two.object.files?.items).to.have.length(2);
    // elsewhere, by what stands in an address
    const wire = (raw.body as { items: WireActivity[] }).items.find(({ id }) => id === sent.id);
    const url = new URL(file?.url ?? '');
    url.searchParams.set('JWE', wire?.object.files?.items[0]?.scr ?? '');
    url.searchParams.set('keyUri', wire?.encryptionKeyUrl ?? '');
    expect(text(new Uint8Array(await cara.cypher.downloadAndDecryptFile(url.href)))).to.equal('the plan');
    expect(await refusal(cara.cypher.downloadAndDecryptFile(file?.url ?? ''))).to.include({
      code: 'ERR_ARGUMENT',
    });
    expect(await refusal(Promise.resolve(of(ben).download({})))).to.include({ code: 'ERR_ARGUMENT' });
    // without what decrypts it, it is taken as it is: ciphertext, here
    const arrived: number[] = [];
    const cipher = await of(ben)
      .download({ url: file?.url ?? '' })
      .on('progress', ({ loaded }) => arrived.push(loaded));
    expect(text(cipher)).not.to.include('the plan');
    expect(arrived.at(-1)).to.equal(cipher.length);
    const plain = of(cara).download(file ?? {});
    const loaded = new Promise((resolve) => void plain.on('progress', resolve));
    expect(await plain).to.include({ name: file?.displayName, type: file?.mimeType });
    await loaded;
  });

  it('threads, replies, edits: by list, by id, in order, all at once', async () => {
    const talk = await open('Threads');
    const root = await of(ana).post(talk, 'root');
    const reply = await of(ben).post(talk, 'answer', { parentActivityId: root.id, activityType: 'reply' });
    const other = await of(cara).post(talk, 'another');
    await of(ana).post(talk, 'root, better', { parent: { id: root.id, type: 'edit' } });
    const [thread] = await of(ana).listThreads();
    expect(thread).to.include({ parentActivityId: root.id, childType: 'reply' });
    expect(thread?.childActivities[0]?.object.displayName).to.equal('answer');
    expect((await of(ana).listParentActivityIds(talk.url)).reply).to.deep.equal([root.id]);
    const children = await of(ana).listAllChildActivitiesByParentId({
      conversationUrl: talk.url,
      activityParentId: root.id,
      query: { activityType: 'reply' },
    });
    expect(children.map(({ id }) => id)).to.deep.equal([reply.id]);
    const { body } = await of(ana).listChildActivitiesByParentId(talk.url, root.id, 'reply');
    expect(body.items.map(({ id }) => id)).to.deep.equal([reply.id]);
    const walk = of(cara).listActivitiesThreadOrdered({ conversationUrl: talk.url, minActivities: 10 });
    const { value, done } = await walk.getOlder();
    expect(value.map(({ activity }) => activity.object.displayName)).to.deep.equal([
      'root, better',
      'answer',
      'another',
    ]);
    expect(value[1]?.activity.replyParent).to.deep.equal({ id: root.id, type: 'reply' });
    expect([done, await walk.getOlder()]).to.deep.equal([true, { done: true, value: [] }]);
    const late = await of(ben).post(talk, 'late');
    expect((await walk.getNewer()).value.map(({ id }) => id)).to.deep.equal([late.id]);
    const around = (await walk.jumpToActivity(other)).value;
    // an edited message has the id of its edit, and names the message
    const edited = around.find(({ activity }) => activity.editParent?.id === root.id);
    expect(edited?.activity.object.displayName).to.equal('root, better');
    expect([root.id, undefined]).not.to.include(edited?.id);
    expect(edited?.activity.id).to.equal(edited?.id);
    expect((await of(ben).bulkActivitiesFetch([reply.url, other.url])).map(({ id }) => id)).to.deep.equal([
      reply.id,
      other.id,
    ]);
    await of(ben).delete(talk, reply);
    expect((await of(ana).listThreads()).some(({ parentActivityId: id }) => id === root.id)).to.equal(false);
  });

  it('reactions: received, counted without being read by the service, taken back', async () => {
    const talk = await open('Reactions');
    const frames = collect<Frame>(ana.internal.mercury, 'event:conversation.activity');
    const root = await of(ana).post(talk, 'good news');
    const heart = await of(ben).addReaction(talk, 'heart', root);
    await of(cara).addReaction(talk, 'heart', root.id);
    const { activity } = (await frames.next(({ data }) => data.activity.id === heart.id)).data;
    expect(activity.object).to.include({ objectType: 'reaction2', displayName: 'heart' });
    const summary = await of(ben).getReactionSummaryByParentId(talk.url, root.id);
    const reactionsIn = (type: string) =>
      (summary.find((child) => child.type === type)?.activity.object as { reactions?: object[] }).reactions;
    expect(reactionsIn('reactionSummary')?.[0]).to.include({ displayName: 'heart', count: 2 });
    expect(reactionsIn('reactionSelfSummary')?.[0]).to.include({ displayName: 'heart' });
    await of(ben).deleteReaction(talk, heart.id);
    await frames.next(({ data }) => data.activity.verb === 'delete' && data.activity.object.id === heart.id);
    const raw = await ben.request({ uri: `${talk.url}/activities`, qs: { limit: 20 } });
    expect(JSON.stringify(raw.body)).not.to.contain('"heart"');
  });

  it('mentions, cards, typing', async () => {
    const talk = await open('Mentions');
    const mention = await of(ana).post(talk, {
      displayName: 'Ben, look',
      content: `<spark-mention data-object-type="person" data-object-id="${people.ben.id}">Ben</spark-mention>, look`,
      mentions: { items: [{ id: people.ben.id }] },
    });
    const mentioned = await of(ben).listMentions({ limit: 10 });
    expect(mentioned.find(({ id }) => id === mention.id)?.object.displayName).to.equal('Ben, look');
    expect((await of(cara).listMentions()).map(({ id }) => id)).not.to.include(mention.id);

    const card = {
      ...{ type: 'AdaptiveCard', version: '1.3' },
      body: [{ type: 'Input.Text', id: 'dish' }],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    };
    const asked = await of(ana).post(talk, { displayName: 'Lunch?', cards: [JSON.stringify(card)] });
    await ana.attachmentActions.listen();
    const acted = collect<{ data: { inputs: object; messageId: string } }>(ana.attachmentActions, 'created');
    const action = await of(ben).cardAction(talk, { inputs: { dish: 'soup' } }, asked);
    expect(action.verb).to.equal('cardAction');
    const { data } = await acted.next();
    expect(data).to.deep.include({ inputs: { dish: 'soup' }, messageId: encodeId('MESSAGE', asked.id) });
    ana.attachmentActions.stopListening();

    const typing = collect<Frame>(ana.internal.mercury, 'event:status.start_typing');
    await of(cara).updateTypingStatus(talk, { typing: true });
    expect((await typing.next()).data).to.include({ conversationId: talk.id });
  });

  it('what is one’s own (tags), what is everybody’s (title, avatar, lock), who belongs to it', async () => {
    const talk = await open('Settings');
    const tagsOf = async (webex: Webex) => (await of(webex).get(talk)).tags;
    await of(ben).muteMessages(talk);
    await of(ben).muteMentions(talk);
    await of(ben).ignore(talk);
    await of(ben).favorite(talk);
    expect(await tagsOf(ben)).to.include.members(['MESSAGE_NOTIFICATIONS_OFF', 'IGNORED', 'FAVORITE']);
    expect(await tagsOf(ana)).not.to.include('IGNORED');
    await of(ben).removeAllMuteTags(talk);
    await of(ben).unignore(talk);
    await of(ben).unfavorite(talk);
    expect((await tagsOf(ben)).filter((tag) => /OFF|ON$|IGNORED|FAVORITE/.test(tag))).to.deep.equal([]);

    await of(ana).update(talk, { displayName: 'Renamed' });
    expect((await of(cara).get({ url: talk.url })).displayName).to.equal('Renamed');
    await of(ana).assign(talk, bytesOf('not much of a picture', 'a.bin'));
    const [picture] = (await of(ben).get(talk)).avatar?.files?.items ?? [];
    expect(text(await of(ben).download(picture ?? {}))).to.equal('not much of a picture');
    await of(ana).unassign(talk);
    expect((await of(ben).get(talk)).avatar?.files?.items ?? []).to.deep.equal([]);

    await of(ana).assignModerator(talk);
    await of(ana).lock(talk);
    await of(ana).setSpaceProperty(talk, 'ANNOUNCEMENT');
    expect(await refusal(of(ben).post(talk, 'no'))).to.include({ statusCode: 403 });
    await of(ana).unsetSpaceProperty(talk, 'ANNOUNCEMENT');
    await of(ana).unlock(talk);
    await of(ana).unassignModerator(talk);
    await of(ben).post(talk, 'yes');

    const { defaultActivityEncryptionKeyUrl: before } = await of(ana).get(talk);
    await of(ana).leave(talk, people.cara.id);
    const last = await of(ben).post(talk, 'without cara');
    expect(last.encryptionKeyUrl).not.to.equal(before);
    expect(await refusal(of(cara).get(talk))).to.include({ statusCode: 404 });
    expect(await refusal(cara.internal.encryption.getKey(last.encryptionKeyUrl ?? ''))).to.include({
      code: 'ERR_KEY_DENIED',
    });
    expect((await of(cara).listLeft()).map(({ id }) => id)).to.include(talk.id);
    await of(ana).add(talk, people.cara.email);
    // a key that was refused is asked for again after a while: its title comes later
    expect((await of(cara).get(talk)).id).to.equal(talk.id);
  });

  it('lists page by page, addresses, and activities made by hand', async () => {
    const one = await of(ana).create({ participants: [people.ben.id] });
    expect((await of(ana).get({ user: people.ben.email })).id).to.equal(one.id);
    const { page } = await of(ana).paginate({ conversationsLimit: 1 });
    const { page: second } = await of(ana).paginate({ page });
    expect([page.length, page.hasNext(), second.length]).to.deep.equal([1, true, 1]);
    expect([...page][0]?.id).not.to.equal([...second][0]?.id);
    expect(await of(ana).getConversationUrl({ id: one.id })).to.equal(one.url);
    expect(of(ana).getConvoUrl({ id: one.id })).to.equal(one.url);

    const activity = await of(ana).prepare(
      { object: { objectType: 'comment', displayName: 'by hand' } },
      { verb: 'post', target: of(ana).prepareConversation({ ...one }) },
    );
    const posted = await of(ana).submit(activity);
    expect((await ben.messages.get(encodeId('MESSAGE', posted.id))).text).to.equal('by hand');
    const about = of(ana).prepareConversation({ ...one });
    await of(ana).submit(await of(ana).prepare({}, { verb: 'mute', object: about, target: about }));
    expect((await of(ana).get(one)).tags).to.include('MUTED');
    expect(await refusal(of(ana).submit({ verb: 'post' }))).to.include({ code: 'ERR_ARGUMENT' });
  });
});
