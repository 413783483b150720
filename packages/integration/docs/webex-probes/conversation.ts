import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { collect, refusal } from '../../webex/tools.js';
import type { Context, Probe, Probes } from './context.js';

type Api = Context['ana']['internal']['conversation'];
type Talk = Awaited<ReturnType<Api['create']>>;
type Post = Awaited<ReturnType<Api['post']>>;
const of = ({ ana }: Context): Api => ana.internal.conversation;
const bytesOf = (text: string) =>
  Object.assign(new TextEncoder().encode(text), { name: 'a.txt', type: 'text/plain' });

let talk: Talk;
let root: Post;
let reply: Post;
let heart: Post;
/** A tag of one's own, put on by one call and taken off by the other. */
const tagged = (on: keyof Api, off: keyof Api, tag: string): Record<string, Probe> => {
  const run = async (context: Context, name: keyof Api): Promise<readonly string[]> => {
    await (of(context)[name] as (about: Talk) => Promise<unknown>)(talk);
    return (await of(context).get(talk)).tags;
  };
  return {
    [on]: async (context: Context) => expect(await run(context, on)).to.include(tag),
    [off]: async (context: Context) => expect(await run(context, off)).not.to.include(tag),
  };
};

export const conversation: Probes = {
  create: async (context) => {
    talk = await of(context).create(
      { participants: [context.benPerson.id], displayName: 'Plans' },
      { forceGrouped: true },
    );
    expect(talk.displayName).to.equal('Plans');
  },
  get: async (context) => expect((await of(context).get({ url: talk.url })).displayName).to.equal('Plans'),
  list: async (context) =>
    expect((await of(context).list({ conversationsLimit: 50 })).map(({ id }) => id)).to.include(talk.id),
  paginate: async (context) => {
    await of(context).create(
      { participants: [context.benPerson.id], displayName: 'B' },
      { forceGrouped: true },
    );
    const { page } = await of(context).paginate({ conversationsLimit: 1 });
    const { page: next } = await of(context).paginate({ page });
    expect([...page][0]?.id).not.to.equal([...next][0]?.id);
  },
  post: async (context) => {
    root = await of(context).post(talk, { displayName: 'secret', content: '<b>secret</b>' });
    expect((await context.ben.messages.get(encodeId('MESSAGE', root.id))).text).to.equal('secret');
    reply = await context.ben.internal.conversation.post(talk, 'answer', {
      parentActivityId: root.id,
      activityType: 'reply',
    });
  },
  listActivities: async (context) => {
    const listed = await of(context).listActivities({ conversationUrl: talk.url, limit: 20 });
    expect(listed.map(({ object }) => object.displayName)).to.include.members(['secret', 'answer']);
  },
  listMentions: async (context) => {
    const mention = await context.ben.internal.conversation.post(talk, {
      displayName: 'Ana, look',
      content: `<spark-mention data-object-type="person" data-object-id="${context.anaPerson.id}">Ana</spark-mention>, look`,
      mentions: { items: [{ id: context.anaPerson.id }] },
    });
    expect((await of(context).listMentions({ limit: 10 })).map(({ id }) => id)).to.include(mention.id);
  },
  listThreads: async (context) =>
    expect((await of(context).listThreads()).map(({ parentActivityId }) => parentActivityId)).to.include(
      root.id,
    ),
  listActivitiesThreadOrdered: async (context) => {
    const walk = of(context).listActivitiesThreadOrdered({ conversationUrl: talk.url, minActivities: 10 });
    const { value } = await walk.getOlder();
    expect(value.map(({ activity }) => activity.object.displayName)).to.include.members(['secret', 'answer']);
  },
  listParentActivityIds: async (context) =>
    expect((await of(context).listParentActivityIds(talk.url)).reply).to.deep.equal([root.id]),
  listChildActivitiesByParentId: async (context) => {
    const { body } = await of(context).listChildActivitiesByParentId(talk.url, root.id, 'reply');
    expect(body.items.map(({ id }) => id)).to.deep.equal([reply.id]);
  },
  listAllChildActivitiesByParentId: async (context) => {
    const found = await of(context).listAllChildActivitiesByParentId({
      conversationUrl: talk.url,
      activityParentId: root.id,
      query: { activityType: 'reply' },
    });
    expect(found.map(({ id }) => id)).to.deep.equal([reply.id]);
  },
  bulkActivitiesFetch: async (context) =>
    expect((await of(context).bulkActivitiesFetch([reply.url])).map(({ id }) => id)).to.deep.equal([
      reply.id,
    ]),
  addReaction: async (context) => {
    heart = await of(context).addReaction(talk, 'heart', root);
    expect(heart.object).to.include({ displayName: 'heart' });
  },
  getReactionSummaryByParentId: async (context) => {
    const summary = await of(context).getReactionSummaryByParentId(talk.url, root.id);
    expect(JSON.stringify(summary)).to.include('heart');
  },
  deleteReaction: async (context) => {
    await of(context).deleteReaction(talk, heart.id);
    const summary = await of(context).getReactionSummaryByParentId(talk.url, root.id);
    expect(JSON.stringify(summary)).not.to.include('heart');
  },
  share: async (context) => {
    const sent = await of(context).share(talk, [bytesOf('1'), bytesOf('2')]);
    expect(sent.object.files?.items).to.have.length(2);
  },
  makeShare: async (context) => {
    const share = of(context).makeShare(talk);
    await share.add(bytesOf('3'));
    expect((await of(context).share(talk, share)).object.files?.items).to.have.length(1);
  },
  download: async (context) => {
    const sent = await of(context).share(talk, bytesOf('bytes'));
    const [file] = sent.object.files?.items ?? [];
    const found = await context.ben.internal.conversation.download(file ?? {});
    expect(new TextDecoder().decode(found)).to.equal('bytes');
  },
  acknowledge: async (context) => {
    const seen = await of(context).acknowledge(talk, reply);
    expect(seen).to.have.property('verb', 'acknowledge');
  },
  cardAction: async (context) => {
    const card = {
      ...{ type: 'AdaptiveCard', version: '1.3', body: [{ type: 'Input.Text', id: 'dish' }] },
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    };
    const asked = await context.ben.internal.conversation.post(talk, {
      displayName: 'Lunch?',
      cards: [JSON.stringify(card)],
    });
    expect((await of(context).cardAction(talk, { inputs: { dish: 'soup' } }, asked)).verb).to.equal(
      'cardAction',
    );
  },
  updateTypingStatus: async (context) => {
    await context.ben.internal.mercury.connect();
    const typing = collect<object>(context.ben.internal.mercury, 'event:status.start_typing');
    await of(context).updateTypingStatus(talk, { typing: true });
    await typing.next();
  },
  delete: async (context) => {
    const gone = await of(context).post(talk, 'gone');
    await of(context).delete(talk, gone);
    expect(await refusal(context.ben.messages.get(encodeId('MESSAGE', gone.id)))).to.include({
      statusCode: 404,
    });
  },
  add: async (context) => {
    const cara = await context.cloud.person('cara');
    await of(context).add(talk, cara.email);
    expect(JSON.stringify(await of(context).get(talk, { includeParticipants: true }))).to.include(cara.id);
  },
  leave: async (context) => {
    const cara = await context.cloud.person('cara');
    await of(context).leave(talk, cara.id);
    const left = await (await context.someone(cara)).internal.conversation.listLeft();
    expect(left.map(({ id }) => id)).to.include(talk.id);
  },
  listLeft: async (context) => expect(await of(context).listLeft()).to.be.an('array'),
  assignModerator: async (context) => {
    await of(context).assignModerator(talk);
    await of(context).lock(talk);
    await of(context).setSpaceProperty(talk, 'ANNOUNCEMENT');
    expect(await refusal(context.ben.internal.conversation.post(talk, 'no'))).to.include({ statusCode: 403 });
    await of(context).unsetSpaceProperty(talk, 'ANNOUNCEMENT');
    await of(context).unlock(talk);
  },
  setSpaceProperty: async (context) => {
    await of(context).lock(talk);
    await of(context).setSpaceProperty(talk, 'ANNOUNCEMENT');
    expect((await of(context).get(talk)).tags).to.include('ANNOUNCEMENT');
  },
  unsetSpaceProperty: async (context) => {
    await of(context).unsetSpaceProperty(talk, 'ANNOUNCEMENT');
    expect((await of(context).get(talk)).tags).not.to.include('ANNOUNCEMENT');
  },
  unlock: async (context) => {
    await of(context).unlock(talk);
    expect((await of(context).get(talk)).tags).not.to.include('LOCKED');
  },
  lock: async (context) => {
    await of(context).lock(talk);
    expect((await of(context).get(talk)).tags).to.include('LOCKED');
    await of(context).unlock(talk);
  },
  unassignModerator: async (context) => {
    await of(context).unassignModerator(talk);
    await context.ben.internal.conversation.post(talk, 'yes');
  },
  update: async (context) => {
    await of(context).update(talk, { displayName: 'Renamed' });
    expect((await context.ben.internal.conversation.get({ url: talk.url })).displayName).to.equal('Renamed');
  },
  updateKey: async (context) => {
    const before = (await of(context).get(talk)).defaultActivityEncryptionKeyUrl;
    await of(context).updateKey(talk);
    expect((await of(context).get(talk)).defaultActivityEncryptionKeyUrl).not.to.equal(before);
  },
  assign: async (context) => {
    await of(context).assign(talk, bytesOf('not much of a picture'));
    const [picture] = (await context.ben.internal.conversation.get(talk)).avatar?.files?.items ?? [];
    expect(picture).to.have.property('url');
  },
  unassign: async (context) => {
    await of(context).unassign(talk);
    expect((await of(context).get(talk)).avatar?.files?.items ?? []).to.deep.equal([]);
  },
  ...tagged('favorite', 'unfavorite', 'FAVORITE'),
  ...tagged('hide', 'unhide', 'HIDDEN'),
  ...tagged('mute', 'unmute', 'MUTED'),
  ...tagged('muteMessages', 'unmuteMessages', 'MESSAGE_NOTIFICATIONS_OFF'),
  ...tagged('muteMentions', 'unmuteMentions', 'MENTION_NOTIFICATIONS_OFF'),
  ...tagged('ignore', 'unignore', 'IGNORED'),
  removeAllMuteTags: async (context) => {
    await of(context).muteMessages(talk);
    await of(context).removeAllMuteTags(talk);
    expect((await of(context).get(talk)).tags).not.to.include('MESSAGE_NOTIFICATIONS_OFF');
  },
  tag: async (context) => {
    await of(context).tag(talk, { tags: ['FAVORITE'] });
    expect((await of(context).get(talk)).tags).to.include('FAVORITE');
  },
  untag: async (context) => {
    await of(context).untag(talk, { tags: ['FAVORITE'] });
    expect((await of(context).get(talk)).tags).not.to.include('FAVORITE');
  },
  getConvoUrl: (context) => expect(of(context).getConvoUrl({ id: talk.id })).to.equal(talk.url),
  getConversationUrl: async (context) =>
    expect(await of(context).getConversationUrl({ id: talk.id })).to.equal(talk.url),
  getUrlFromClusterId: (context) =>
    expect(of(context).getUrlFromClusterId({ id: talk.id })).to.equal(talk.url),
  prepareConversation: (context) =>
    expect(of(context).prepareConversation({ ...talk })).to.include({
      id: talk.id,
      objectType: 'conversation',
    }),
  prepare: async (context) => {
    const activity = await of(context).prepare(
      { object: { objectType: 'comment', displayName: 'by hand' } },
      { verb: 'post', target: of(context).prepareConversation({ ...talk }) },
    );
    expect(activity).to.include({ verb: 'post' });
  },
  submit: async (context) => {
    const activity = await of(context).prepare(
      { object: { objectType: 'comment', displayName: 'submitted' } },
      { verb: 'post', target: of(context).prepareConversation({ ...talk }) },
    );
    const { id } = await of(context).submit(activity);
    expect((await context.ben.messages.get(encodeId('MESSAGE', id))).text).to.equal('submitted');
  },
  expand: (context) => {
    const about = of(context).prepareConversation({ ...talk });
    expect(of(context).expand('mute', about, about)).to.include({ verb: 'mute' });
  },
};
