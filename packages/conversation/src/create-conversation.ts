import type { Host } from '@trunkline/core';
import { checkArguments, createLateList, lateMethods, type ParameterRules } from '@trunkline/core/kit';
import { createContext } from './engine/context.js';
import { createInbox } from './engine/inbox.js';
import { posting } from './engine/posting.js';
import { typing } from './engine/typing.js';
import type { ConversationOptions } from './files/types.js';
import { createMessages } from './public/messages.js';
import type { Conversation, ThreadedList, Uploads } from './types.js';

/** What each call takes before `init`. */
const rules: Required<ParameterRules<Omit<Conversation, 'messages'>>> = {
  mute: 'conversationId:text',
  unmute: 'conversationId:text',
  favorite: 'conversationId:text',
  unfavorite: 'conversationId:text',
  hide: 'conversationId:text',
  unhide: 'conversationId:text',
  lock: 'conversationId:text',
  unlock: 'conversationId:text',
  updateKey: 'conversationId:text',
  unassignAvatar: 'conversationId:text',
  create: 'conversation:object(participants:texts title?:string tags?:texts)',
  direct: 'personId:text',
  getByUser: 'personId:text query?:object',
  get: 'conversationId:text query?:object',
  list: 'sync query?:object',
  listLeft: 'sync query?:object',
  listMentions: 'sync query?:object',
  listThreads: 'sync query?:object',
  activities: 'urlsOrIds:texts',
  parents: 'conversationId:text query?:object',
  children: 'sync conversationId:text activityId:text type:text',
  listThreaded:
    'sync conversationId:text query?:object(limit?:number before?:number after?:number around?:text)',
  listActivities: 'conversationId:text query?:object',
  post: 'conversationId:text words:object(text?:string html?:string mentionedPeople?:texts cards?:texts) options?:object(parentId?:text clientTempId?:text)',
  edit: 'conversationId:text activityId:text words:object(text?:string html?:string mentionedPeople?:texts cards?:texts)',
  leave: 'conversationId:text personId?:text',
  update: 'conversationId:text changes:object(title:string)',
  addReaction: 'conversationId:text activityId:text name:text',
  removeReaction: 'conversationId:text reactionId:text',
  reactions: 'conversationId:text activityId:text',
  typing: 'conversationId:text isTyping:boolean',
  onTyping: 'sync listener:function',
  onActivity: 'sync listener:function',
  tag: 'conversationId:text tags:texts',
  untag: 'conversationId:text tags:texts',
  setSpaceProperty: 'conversationId:text tag:text',
  unsetSpaceProperty: 'conversationId:text tag:text',
  assignAvatar: 'conversationId:text image:object(data:object name?:string type?:string)',
  cardAction: 'conversationId:text activityId:text inputs:json',
  share:
    'conversationId:text share:object(text?:string html?:string mentionedPeople?:texts cards?:texts files:array parentId?:text clientTempId?:text) init?:object(maxBytes?:number onProgress?:function)',
  download: 'file:object init?:object(maxBytes?:number onProgress?:function)',
  downloadThumbnail: 'file:object init?:object(maxBytes?:number onProgress?:function)',
  remove: 'conversationId:text activityId:text',
  acknowledge: 'conversationId:text activityId:text',
  add: 'conversationId:text personId:text',
  assignModerator: 'conversationId:text personId:text',
  unassignModerator: 'conversationId:text personId:text',
};

/**
 * The engine on one client. Receiving and posting are always there; every other part is a module of its own, loaded with
 * its first call.
 */
export function createConversation(host: Host, options?: ConversationOptions): Conversation {
  const context = createContext(host);
  const { conversations, submitter, encryption, encryptionIfAny } = context;

  const files = host.late('files', async () => {
    const { createShare } = await import('./files/share.js');
    // a share takes its place in the order when its files are uploaded: text does not wait for a long upload
    return createShare(host, conversations, encryption, submitter.submitInOrder, options);
  });
  const lists = host.late('queries', async () => (await import('./engine/queries.js')).queries(context));
  const threaded = host.late('threads', async () => {
    const [{ threads }, { reactions }] = await Promise.all([
      import('./threads/threads.js'),
      import('./threads/reactions.js'),
    ]);
    const reacts = reactions(context);
    return { ...reacts, ...threads(context, { ...(await lists()), ...reacts }) };
  });
  const admin = host.late('admin', async () => {
    const [{ administration }, { creating }] = await Promise.all([
      import('./admin/administration.js'),
      import('./admin/creating.js'),
    ]);
    const uploads = {
      upload: async (...call: Parameters<Uploads['upload']>) => (await files()).upload(...call),
    };
    return { ...administration(context, uploads), ...creating(context) };
  });
  const gaps = host.late('gaps', () => import('./engine/gap.js'));

  const calls: Omit<Conversation, 'messages'> = {
    ...posting(context),
    ...typing(context),
    ...lateMethods(admin, adminMethods),
    ...lateMethods(lists, ['get', 'listActivities', 'activities', 'parents']),
    list: (...call) => createLateList(async () => (await lists()).list(...call)),
    listLeft: (...call) => createLateList(async () => (await lists()).listLeft(...call)),
    listMentions: (...call) => createLateList(async () => (await lists()).listMentions(...call)),
    listThreads: (...call) => createLateList(async () => (await lists()).listThreads(...call)),
    children: (...call) => createLateList(async () => (await lists()).children(...call)),
    ...lateMethods(threaded, ['addReaction', 'removeReaction', 'reactions']),
    listThreaded: (...call) => lateThreads(async () => (await threaded()).listThreaded(...call)),
    ...lateMethods(files, ['share', 'download', 'downloadThumbnail']),
    onActivity: (listener) => inbox.on(listener),
  };
  const conversation = checkArguments('conversation', rules, calls);
  const messages = createMessages(host, conversation, encryptionIfAny);

  let leaveGaps: (() => void) | undefined;
  const inbox = createInbox(host, conversations, encryptionIfAny, (wanted) => {
    if (wanted) {
      leaveGaps = host.onGap(onGap);
      messages.prepare();
    } else leaveGaps?.();
  });

  // while a gap is filled, what arrives live is newer and waits
  let filling: Promise<void> | undefined;
  host.onWire('conversation.activity', ({ activity }) =>
    filling === undefined ? inbox.take(activity) : filling.then(() => inbox.take(activity)),
  );
  const onGap: Parameters<Host['onGap']>[0] = (gap) => {
    const filled = Promise.all([gaps(), filling]).then(([{ fillGap }]) => fillGap(host, inbox, gap));
    const over = (): void => {
      if (filling === held) filling = undefined;
    };
    const held: Promise<void> = filled.then(over, over);
    filling = held;
    return filled;
  };

  return { ...conversation, messages };
}

const adminMethods = [
  'create',
  'direct',
  'getByUser',
  'mute',
  'unmute',
  'favorite',
  'unfavorite',
  'hide',
  'unhide',
  'lock',
  'unlock',
  'add',
  'leave',
  'assignModerator',
  'unassignModerator',
  'updateKey',
  'update',
  'tag',
  'untag',
  'setSpaceProperty',
  'unsetSpaceProperty',
  'assignAvatar',
  'unassignAvatar',
  'cardAction',
] as const;

const lateThreads = (threads: () => Promise<ThreadedList>): ThreadedList => ({
  page: async () => (await threads()).page(),
  async *[Symbol.asyncIterator]() {
    yield* await threads();
  },
});
