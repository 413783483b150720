import { sdkError } from '@trunkline/core';
import type {
  ActivityQuery,
  Conversation as Engine,
  ReadableActivity,
  ReadableConversation,
} from '@trunkline/conversation';
import type { Words } from '@trunkline/wire';
import { official } from './http-error.js';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

interface Ref {
  readonly url?: string;
  readonly id?: string;
  readonly user?: string;
  readonly cluster?: string;
}
type Message =
  | string
  | {
      readonly displayName?: string;
      readonly content?: string;
      readonly mentions?: { readonly items?: readonly { readonly id: string }[] };
      readonly groupMentions?: { readonly items?: readonly unknown[] };
    };
interface PostOptions {
  readonly parentActivityId?: string;
  readonly activityType?: string;
  readonly parent?: { readonly id: string; readonly type: string };
  readonly clientTempId?: string;
}
type PersonRef = string | { readonly id?: string; readonly entryUUID?: string };

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
const idOf = ({ id, url }: Ref): string => {
  const found = id ?? uuid.exec(url?.split('/conversations/')[1] ?? '')?.[0];
  if (found === undefined) throw sdkError('ERR_ARGUMENT', 'The space needs a `url` property');
  return found;
};
const activityOf = (activity: string | { readonly id: string }): string =>
  typeof activity === 'string' ? activity : activity.id;
const instead = 'use webex.request, or a later version';

/** `webex.internal.conversation`: end-to-end encrypted, by the conversation engine. */
export class Conversation extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Conversation' };
  private get engine(): Engine {
    return this.webex.linkage.get().client.conversation;
  }

  async create(
    {
      participants = [],
      displayName,
      comment,
    }: {
      readonly participants?: readonly PersonRef[];
      readonly displayName?: string;
      readonly comment?: Message;
    },
    { forceGrouped = false }: { readonly forceGrouped?: boolean } = {},
  ): Promise<ReadableConversation> {
    const ids = await Promise.all(participants.map((person) => this.uuidOf(person)));
    const made = await official(
      this.engine.create({
        participants: ids,
        forceGrouped,
        ...(displayName !== undefined && { title: displayName }),
      }),
    );
    if (comment !== undefined) await this.post(made, comment);
    return this.get(made, { includeParticipants: true });
  }
  override get(
    conversation: string | Ref,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<ReadableConversation> {
    const ref = typeof conversation === 'string' ? { id: conversation } : conversation;
    return official(this.read(ref, options));
  }
  async list(options: Readonly<Record<string, unknown>> = {}): Promise<readonly ReadableConversation[]> {
    const { items } = await official(this.engine.list(options).page());
    return items;
  }
  listActivities(
    options: Ref & {
      readonly conversationUrl?: string;
      readonly conversationId?: string;
      readonly [more: string]: unknown;
    },
  ): Promise<readonly ReadableActivity[]> {
    const { conversationUrl, conversationId, id, url, ...query } = options as typeof options & ActivityQuery;
    const ref = { id: conversationId ?? id, url: conversationUrl ?? url } as Ref;
    return official(this.engine.listActivities(idOf(ref), query));
  }
  async post(
    conversation: Ref,
    message: Message,
    { parentActivityId, activityType, parent, clientTempId }: PostOptions = {},
  ): Promise<ReadableActivity> {
    const words = wordsOf(message);
    const of =
      parent ??
      (parentActivityId === undefined ? undefined : { id: parentActivityId, type: activityType ?? 'reply' });
    const conversationId = idOf(conversation);
    if (of?.type === 'edit') return official(this.engine.edit(conversationId, of.id, words));
    return official(
      this.engine.post(conversationId, words, {
        ...(of && { parentId: of.id }),
        ...(clientTempId !== undefined && { clientTempId }),
      }),
    );
  }
  acknowledge(conversation: Ref, activity: string | { readonly id: string }): Promise<ReadableActivity> {
    return official(this.engine.acknowledge(idOf(conversation), activityOf(activity)));
  }
  delete(conversation: Ref, activity: string | { readonly id: string }): Promise<ReadableActivity> {
    return official(this.engine.remove(idOf(conversation), activityOf(activity)));
  }
  async add(conversation: Ref, person: PersonRef): Promise<ReadableActivity> {
    return official(this.engine.add(idOf(conversation), await this.uuidOf(person)));
  }
  async leave(conversation: Ref, person?: PersonRef): Promise<ReadableActivity> {
    return official(
      this.engine.leave(idOf(conversation), person === undefined ? undefined : await this.uuidOf(person)),
    );
  }
  async assignModerator(conversation: Ref, person?: PersonRef): Promise<ReadableActivity> {
    return official(this.engine.assignModerator(idOf(conversation), await this.uuidOf(person)));
  }
  async unassignModerator(conversation: Ref, person?: PersonRef): Promise<ReadableActivity> {
    return official(this.engine.unassignModerator(idOf(conversation), await this.uuidOf(person)));
  }
  updateKey(conversation: Ref): Promise<ReadableActivity> {
    return official(this.engine.updateKey(idOf(conversation)));
  }
  async updateTypingStatus(conversation: Ref, { typing }: { readonly typing: boolean }): Promise<void> {
    const conversationId = idOf(conversation);
    await this.webex.request({
      method: 'POST',
      service: 'conversation',
      resource: `conversations/${conversationId}/status/typing`,
      body: { conversationId, eventType: typing ? 'status.start_typing' : 'status.stop_typing' },
    });
  }
  /** A shared file, readable. */
  async download(file: { readonly scr?: unknown; readonly url?: string }): Promise<Uint8Array> {
    const scr =
      typeof file.scr === 'string'
        ? (JSON.parse(file.scr) as { loc: string })
        : (file.scr as { loc: string } | undefined);
    if (scr === undefined) throw sdkError('ERR_ARGUMENT', 'the file has no scr, so it cannot be decrypted');
    return this.webex.internal.encryption.download(scr.loc || (file.url ?? ''), scr as never);
  }

  favorite = this.plainVerb('favorite');
  unfavorite = this.plainVerb('unfavorite');
  hide = this.plainVerb('hide');
  unhide = this.plainVerb('unhide');
  lock = this.plainVerb('lock');
  unlock = this.plainVerb('unlock');
  mute = this.plainVerb('mute');
  unmute = this.plainVerb('unmute');
  muteMessages = this.plainVerb('tag', ['MESSAGE_NOTIFICATIONS_OFF']);
  unmuteMessages = this.plainVerb('tag', ['MESSAGE_NOTIFICATIONS_ON']);
  muteMentions = this.plainVerb('tag', ['MENTION_NOTIFICATIONS_OFF']);
  unmuteMentions = this.plainVerb('tag', ['MENTION_NOTIFICATIONS_ON']);
  ignore = this.plainVerb('tag', ['IGNORED']);
  unignore = this.plainVerb('untag', ['IGNORED']);
  tag(conversation: Ref, { tags }: { readonly tags: readonly string[] }): Promise<ReadableActivity> {
    return this.plainVerb('tag', tags)(conversation);
  }
  untag(conversation: Ref, { tags }: { readonly tags: readonly string[] }): Promise<ReadableActivity> {
    return this.plainVerb('untag', tags)(conversation);
  }
  readonly share = refuses('conversation.share()', 'send files with webex.messages.create()');
  readonly makeShare = (): never => {
    throw sdkError(
      'ERR_NOT_SUPPORTED',
      'conversation.makeShare() is not supported; send files with webex.messages.create()',
    );
  };
  readonly update = refuses('conversation.update()', 'change the title with webex.rooms.update()');
  readonly addReaction = refuses('conversation.addReaction()', instead);
  readonly deleteReaction = refuses('conversation.deleteReaction()', instead);
  readonly assign = refuses('conversation.assign()', instead);
  readonly unassign = refuses('conversation.unassign()', instead);
  readonly cardAction = refuses('conversation.cardAction()', 'use webex.attachmentActions.create()');
  readonly listThreads = refuses('conversation.listThreads()', instead);
  readonly listMentions = refuses(
    'conversation.listMentions()',
    'use webex.messages.list({ mentionedPeople: "me" })',
  );
  readonly listLeft = refuses('conversation.listLeft()', instead);
  readonly paginate = refuses('conversation.paginate()', 'use list()');
  readonly bulkActivitiesFetch = refuses('conversation.bulkActivitiesFetch()', instead);
  readonly listActivitiesThreadOrdered = (): never => {
    throw sdkError(
      'ERR_NOT_SUPPORTED',
      'conversation.listActivitiesThreadOrdered() is not supported; use listActivities()',
    );
  };
  readonly listParentActivityIds = refuses('conversation.listParentActivityIds()', instead);
  readonly listAllChildActivitiesByParentId = refuses(
    'conversation.listAllChildActivitiesByParentId()',
    instead,
  );
  readonly getReactionSummaryByParentId = refuses('conversation.getReactionSummaryByParentId()', instead);
  readonly setSpaceProperty = refuses('conversation.setSpaceProperty()', instead);
  readonly unsetSpaceProperty = refuses('conversation.unsetSpaceProperty()', instead);

  private async read(ref: Ref, options: Readonly<Record<string, unknown>>): Promise<ReadableConversation> {
    if (ref.user === undefined) return this.engine.get(idOf(ref), options);
    const { body } = await this.webex.request<{ readonly id: string }>({
      service: 'conversation',
      resource: `conversations/user/${encodeURIComponent(ref.user)}`,
      qs: { uuidEntryFormat: true, personRefresh: true, activitiesLimit: 0, includeParticipants: false },
    });
    return this.engine.get(body.id, options);
  }
  /** What is said about a conversation and holds no words. @source protocol/conversation.md §3 */
  private plainVerb(
    verb: string,
    tags?: readonly string[],
  ): (conversation: Ref) => Promise<ReadableActivity> {
    return async (conversation) => {
      const id = idOf(conversation);
      const { userId } = await official(this.webex.linkage.get().client.connect());
      const about = {
        objectType: 'conversation',
        id,
        ...(conversation.url !== undefined && { url: conversation.url }),
      };
      const { body } = await this.webex.request<ReadableActivity>({
        method: 'POST',
        service: 'conversation',
        resource: `conversations/${id}/activities`,
        qs: { personRefresh: true },
        body: {
          verb,
          objectType: 'activity',
          actor: { objectType: 'person', id: userId, entryUUID: userId },
          object: { ...about, ...(tags && { tags }) },
          target: about,
        },
      });
      return body;
    };
  }
  /** A person by uuid, as it is; by address, looked up. */
  private async uuidOf(person: PersonRef | undefined): Promise<string> {
    if (person === undefined) return (await official(this.webex.linkage.get().client.connect())).userId;
    const id = typeof person === 'string' ? person : (person.entryUUID ?? person.id ?? '');
    if (!id.includes('@')) return id;
    const { body } = await this.webex.request<Readonly<Record<string, { readonly id?: string }>>>({
      method: 'POST',
      service: 'conversation',
      resource: 'users',
      qs: { shouldCreateUsers: true },
      body: [{ email: id }],
    });
    const found = body[id]?.id ?? body[id.toLowerCase()]?.id;
    if (found === undefined)
      throw sdkError('ERR_NOT_FOUND', 'there is nobody with that address', { status: 404 });
    return found;
  }
}

function wordsOf(message: Message): Words {
  if (typeof message === 'string') return { text: message };
  const { displayName, content, mentions, groupMentions } = message;
  if (displayName === undefined)
    throw sdkError('ERR_ARGUMENT', 'a message needs a displayName: its plain text');
  return {
    text: displayName,
    ...(content !== undefined && { html: content }),
    ...(mentions?.items?.length && { mentionedPeople: mentions.items.map(({ id }) => id) }),
    ...(groupMentions?.items?.length && { mentionsAll: true }),
  };
}
