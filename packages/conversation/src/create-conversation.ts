import type { Host } from '@trunkline/core';
import { checkArguments, type ParameterRules } from '@trunkline/core/kit';
import { createContext } from './context.js';
import { creating } from './creating.js';
import { fillGap } from './gap.js';
import { createInbox } from './inbox.js';
import { createMessages } from './messages.js';
import { reactions } from './reactions.js';
import { reading } from './reading.js';
import { createShare } from './share/share.js';
import type { ConversationOptions } from './share/types.js';
import { threads } from './threads.js';
import type { Conversation } from './types.js';
import { typing } from './typing.js';
import { writing } from './writing.js';

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

/** The engine on one client: each part is a file of its own. */
export function createConversation(host: Host, options?: ConversationOptions): Conversation {
  const context = createContext(host);
  const { heads, outbox, encryption, encryptionIfAny } = context;
  // a share takes its place when its files are there: words need not wait for a long upload
  const sharing = createShare(host, heads, encryption, outbox.submitInOrder, options);
  let leaveGaps: (() => void) | undefined;
  const inbox = createInbox(host, heads, encryptionIfAny, (wanted) => {
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
    const filled = (filling ?? Promise.resolve()).then(() => fillGap(host, inbox, gap));
    const over = (): void => {
      if (filling === held) filling = undefined;
    };
    const held: Promise<void> = filled.then(over, over);
    filling = held;
    return filled;
  };

  const reads = reading(context);
  const reacts = reactions(context);
  const calls: Omit<Conversation, 'messages'> = {
    ...creating(context),
    ...reads,
    ...reacts,
    ...threads(context, { ...reads, ...reacts }),
    ...writing(context, sharing),
    ...typing(context),
    share: (...call) => sharing.share(...call),
    download: (...call) => sharing.download(...call),
    downloadThumbnail: (...call) => sharing.downloadThumbnail(...call),
    onActivity: (listener) => inbox.on(listener),
  };
  const conversation = checkArguments('conversation', rules, calls);
  const messages = createMessages(host, conversation, encryptionIfAny);
  return { ...conversation, messages };
}
