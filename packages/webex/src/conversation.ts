import { sdkError, type List, type Page as CorePage } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import type {
  ActivityThread,
  Conversation as Engine,
  Parents,
  ReadableActivity,
  ReadableConversation,
} from '@trunkline/conversation';
import type { WireActivity, WireChild } from '@trunkline/wire';
import {
  activityIdOf,
  idOf,
  shown,
  shownConversation,
  wordsOf,
  type Identified,
  type Message,
  type PersonRef,
  type PostOptions,
  type Ref,
} from './conversation-refs.js';
import { readReactions } from './conversation-reactions.js';
import { partsOf, ShareActivity } from './conversation-share.js';
import { threadWalk, type ThreadWalk } from './conversation-threads.js';
import {
  downloadFile,
  type Download,
  type DownloadOptions,
  type PlainRequest,
  type SharedFile,
} from './conversation-download.js';
import { named } from './files.js';
import { InvalidUserCreation } from './conversation-errors.js';
import { official } from './http-error.js';
import { notSupported, refuses } from './not-supported.js';
import { Page } from './page.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import type { OfficialResponse } from './request.js';

type Query = Readonly<Record<string, unknown>>;
type Verb = (conversation: Ref) => Promise<ReadableActivity>;
type Toggle = 'favorite' | 'unfavorite' | 'hide' | 'unhide' | 'lock' | 'unlock' | 'mute' | 'unmute';
const muteTags = [
  'MENTION_NOTIFICATIONS_OFF',
  'MENTION_NOTIFICATIONS_ON',
  'MESSAGE_NOTIFICATIONS_OFF',
  'MESSAGE_NOTIFICATIONS_ON',
];

interface NewConversation {
  readonly participants?: readonly PersonRef[];
  readonly displayName?: string;
  readonly comment?: Message;
  /** of `comment` */
  readonly html?: string;
  readonly tags?: readonly string[];
  readonly files?: readonly unknown[];
  readonly favorite?: boolean;
}
interface CreateOptions {
  readonly forceGrouped?: boolean;
  readonly allowPartialCreation?: boolean;
  readonly skipOneOnOneFetch?: boolean;
}

/** `webex.internal.conversation`: end-to-end encrypted, by the conversation engine. */
export class Conversation extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Conversation' };

  /**
   * Creates a conversation; with one other person, the one that there is already unless `skipOneOnOneFetch`.
   *
   * @param options.allowPartialCreation goes on without participants who cannot be found
   * @throws {SdkError} `ERR_ARGUMENT` without participants, or for a participant that is neither uuid nor address;
   *   `ERR_NOT_FOUND` for one who cannot be found; {@link InvalidUserCreation} with `allowPartialCreation` when no one can
   */
  async create(
    { participants, displayName, comment, html, tags, files, favorite = false }: NewConversation,
    { forceGrouped = false, allowPartialCreation = false, skipOneOnOneFetch = false }: CreateOptions = {},
  ): Promise<ReadableConversation> {
    if (!participants?.length)
      throw sdkError(
        'ERR_ARGUMENT',
        'conversation.create: expected at least one of participants, got none. Name the people who shall be in it.',
      );
    const found = await Promise.allSettled(participants.map((person) => this.uuidOf(person)));
    const ids = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = found.find((one) => one.status === 'rejected');
    if (failed && !allowPartialCreation) throw failed.reason as Error;
    if (failed && ids.length === 0) throw new InvalidUserCreation(failed.reason);
    const made = await official(
      this.engine.create({
        participants: ids,
        // of several people, those who are left are a group all the same
        forceGrouped: forceGrouped || participants.length > 1,
        ...(skipOneOnOneFetch && { onlyNew: true }),
        ...(displayName !== undefined && { title: displayName }),
        ...(tags && { tags: tags }),
      }),
    );
    const more: ReadableActivity[] = [];
    if (typeof comment === 'string' && html !== undefined)
      more.push(await this.post(made, { displayName: comment, content: html }));
    else if (comment !== undefined) more.push(await this.post(made, comment));
    if (files?.length) more.push(await this.share(made, files));
    if (favorite) await this.favorite(made);
    const shownOne = shownConversation(made);
    return {
      ...(await this.withKmsAnswer(shownOne)),
      activities: { items: [...(shownOne.activities?.items ?? []), ...more.map(shown)] },
    };
  }

  // --- reading
  override async get(conversation: string | Ref, options: Query = {}): Promise<ReadableConversation> {
    const { user } = typeof conversation === 'string' ? ({} as Ref) : conversation;
    return shownConversation(
      await official(
        user === undefined
          ? this.engine.get(idOf(conversation), options)
          : this.engine.getByUser(await this.uuidOf(user), options),
      ),
    );
  }
  /** @param options.deferDecrypt leaves what is encrypted as it is; each has `decrypt()` then */
  async list({ deferDecrypt = false, ...options }: Query = {}): Promise<readonly ReadableConversation[]> {
    if (deferDecrypt === true) return this.listEncrypted(options);
    return (await firstPage(this.engine.list(options))).items.map(shownConversation);
  }
  async listLeft(options: Query = {}): Promise<readonly ReadableConversation[]> {
    return (await firstPage(this.engine.listLeft(options))).items.map(shownConversation);
  }
  /** The first page; with `{ page }`, the one after it. */
  async paginate(
    options: Query & { readonly page?: Page<ReadableConversation> } = {},
  ): Promise<{ readonly page: Page<ReadableConversation> }> {
    const { page, url, ...query } = options;
    if (url !== undefined)
      throw notSupported('conversation.paginate({ url })', 'what other clusters hold comes with the lists');
    if (page) return { page: await page.next() };
    const list = this.engine.list({ ...query, paginate: true });
    return { page: await Page.of(list, (item) => shownConversation(item as ReadableConversation)) };
  }
  async listActivities(
    options: Ref & {
      readonly conversationUrl?: string;
      readonly conversationId?: string;
      readonly [more: string]: unknown;
    },
  ): Promise<readonly ReadableActivity[]> {
    const { conversationUrl, conversationId, id, url, ...rest } = options;
    const query: Query = rest;
    const ref = { id: conversationId ?? id, url: conversationUrl ?? url };
    return (await official(this.engine.listActivities(idOf(ref), query))).map(shown);
  }
  async listMentions(options: Query = {}): Promise<readonly ReadableActivity[]> {
    return (await firstPage(this.engine.listMentions(options))).items.map(shown);
  }
  async listThreads(options: Query = {}): Promise<readonly ActivityThread[]> {
    return (await firstPage(this.engine.listThreads(options))).items.map((thread) => ({
      ...thread,
      childActivities: thread.childActivities.map(shown),
    }));
  }
  /** Several activities by their URLs; what is not for oneself is left out. */
  async bulkActivitiesFetch(activityUrls: readonly string[]): Promise<readonly ReadableActivity[]> {
    return (await official(this.engine.activities(activityUrls))).map(shown);
  }
  listParentActivityIds(conversationUrl: string, query: Query = {}): Promise<Parents> {
    return official(this.engine.parents(idOf(conversationUrl), query));
  }
  /** The answer as it came: words are still encrypted. `listAllChildActivitiesByParentId` reads them. */
  listChildActivitiesByParentId(
    conversationUrl: string,
    activityParentId: string,
    activityType: string,
    query: Query = {},
  ): Promise<OfficialResponse<{ readonly items: readonly WireActivity[] }>> {
    return this.webex.request({
      uri: `${conversationUrl}/parents/${encodeURIComponent(activityParentId)}`,
      qs: { ...query, activityType },
    });
  }
  async listAllChildActivitiesByParentId({
    conversationUrl,
    activityParentId,
    query: { activityType = 'reply' } = {},
  }: {
    readonly conversationUrl: string;
    readonly activityParentId: string;
    readonly query?: { readonly activityType?: 'reply' | 'edit'; readonly [more: string]: unknown };
  }): Promise<readonly ReadableActivity[]> {
    const found: ReadableActivity[] = [];
    const all = this.engine.children(idOf(conversationUrl), activityParentId, activityType);
    const read = async (): Promise<void> => {
      for await (const child of all) found.push(shown(child));
    };
    await official(read());
    return found;
  }
  /** Reactions of everybody (`reactionSummary`) and of oneself (`reactionSelfSummary`), names readable. */
  async getReactionSummaryByParentId(
    conversationUrl: string,
    activityParentId: string,
    query: Query = {},
  ): Promise<readonly WireChild[]> {
    const { body } = await this.webex.request<WireActivity>({
      uri: `${conversationUrl}/activities/${encodeURIComponent(activityParentId)}`,
      qs: { activityType: 'reactionSummary', includeChildren: true, ...query },
    });
    const children = (body.children ?? []).filter(({ type }) => /^reaction(Self)?Summary$/.test(type));
    const { encryption } = this.webex.internal;
    const unreadable = String(this.config['decryptionFailureMessage']);
    return Promise.all(
      children.map((child) =>
        readReactions(child, (key, name) => encryption.decryptText(key, name).catch(() => unreadable)),
      ),
    );
  }
  /** By threads: `getOlder()`, `getNewer()`, `jumpToActivity()`. */
  listActivitiesThreadOrdered(options: {
    readonly conversationUrl?: string;
    readonly conversationId?: string;
    readonly minActivities?: number;
    readonly [more: string]: unknown;
  }): ThreadWalk {
    const { conversationUrl: url, conversationId: id, minActivities = 20 } = options;
    return threadWalk(() => this.engine, idOf({ id, url }), minActivities);
  }

  // --- writing
  async post(conversation: Ref, message: Message, options: PostOptions = {}): Promise<ReadableActivity> {
    const { parentActivityId, activityType = 'reply', parent, clientTempId } = options;
    const words = wordsOf(message);
    const of =
      parent ?? (parentActivityId === undefined ? undefined : { id: parentActivityId, type: activityType });
    const conversationId = idOf(conversation);
    if (of?.type === 'edit') return official(this.engine.edit(conversationId, of.id, words));
    return official(
      this.engine.post(conversationId, words, {
        ...(of && { parentId: of.id }),
        ...(clientTempId !== undefined && { clientTempId }),
      }),
    );
  }
  /** Files with words, encrypted: what `makeShare` made, a file, or a list of files. */
  async share(conversation: Ref, what: unknown): Promise<ReadableActivity> {
    const { files, words, activity, ...more } = partsOf(what);
    const progress = activity && {
      onProgress: ({ sentBytes: loaded, totalBytes: total }: { sentBytes: number; totalBytes?: number }) => {
        activity.trigger('progress', { loaded, total });
      },
    };
    return shown(
      await official(this.engine.share(idOf(conversation), { files, ...words, ...more }, progress)),
    );
  }
  makeShare(conversation: Ref): ShareActivity {
    return new ShareActivity(conversation);
  }
  /**
   * A shared file, decrypted; one without `scr` as it is. `.on('progress', ({ loaded, total }) => …)` of what is returned
   * is called while it arrives.
   *
   * `file.orientation` is set for a JPEG that says how it is to be turned (1 to 8).
   *
   * @param options.params.allow `unscannable`: also what could not be scanned for malware
   * @param options.shouldNotAddExifData leaves `file` as it is
   */
  download(file: SharedFile, options: DownloadOptions = {}): Download {
    const request: PlainRequest = (options) => this.request(options);
    return downloadFile({ engine: () => this.engine, request }, file, options);
  }
  acknowledge(conversation: Ref, activity: Identified): Promise<ReadableActivity> {
    return official(this.engine.acknowledge(idOf(conversation), activityIdOf(activity)));
  }
  delete(conversation: Ref, activity: Identified): Promise<ReadableActivity> {
    return official(this.engine.remove(idOf(conversation), activityIdOf(activity)));
  }
  addReaction(conversation: Ref, displayName: string, parentActivity: Identified): Promise<ReadableActivity> {
    return official(this.engine.addReaction(idOf(conversation), activityIdOf(parentActivity), displayName));
  }
  deleteReaction(conversation: Ref, reactionId: string): Promise<ReadableActivity> {
    return official(this.engine.removeReaction(idOf(conversation), reactionId));
  }
  cardAction(
    conversation: Ref,
    { inputs = {} }: { readonly inputs?: Readonly<Record<string, unknown>> },
    parentActivity: Identified,
  ): Promise<ReadableActivity> {
    return official(this.engine.cardAction(idOf(conversation), activityIdOf(parentActivity), inputs));
  }
  async updateTypingStatus(
    conversation: Ref,
    { typing }: { readonly typing: boolean },
  ): Promise<{ readonly statusCode: number }> {
    await official(this.engine.typing(idOf(conversation), typing));
    // what the service answers when it succeeds. @source protocol/conversation.md §4
    return { statusCode: 204 };
  }

  // --- who belongs to it, and how it is
  async add(conversation: Ref, person: PersonRef): Promise<ReadableActivity> {
    const added = await official(this.engine.add(idOf(conversation), await this.uuidOf(person)));
    return this.withKmsAnswer(added);
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
  /** Changes the title. */
  async update(
    conversation: Ref,
    { displayName }: { readonly displayName?: string },
  ): Promise<ReadableActivity> {
    if (displayName === undefined)
      throw notSupported('conversation.update() of anything but displayName', 'see the other calls');
    return official(this.engine.update(idOf(conversation), { title: displayName }));
  }
  /** @param key made by `encryption.kms.createUnboundKeys`; a new one without it */
  updateKey(conversation: Ref, key?: string | { readonly uri: string }): Promise<ReadableActivity> {
    const keyUri = typeof key === 'object' ? key.uri : key;
    return official(this.engine.updateKey(idOf(conversation), keyUri === undefined ? {} : { keyUri }));
  }
  assign(conversation: Ref, avatar: Blob | Uint8Array): Promise<ReadableActivity> {
    const { data, filename, contentType } = named(avatar) as {
      readonly data?: Uint8Array;
      readonly filename?: string;
      readonly contentType?: string;
    };
    return official(
      this.engine.assignAvatar(idOf(conversation), {
        data: data ?? avatar,
        ...(filename !== undefined && { name: filename }),
        ...(contentType !== undefined && { type: contentType }),
      }),
    );
  }
  unassign(conversation: Ref): Promise<ReadableActivity> {
    return official(this.engine.unassignAvatar(idOf(conversation)));
  }
  setSpaceProperty(conversation: Ref, tag: string): Promise<ReadableActivity> {
    return official(this.engine.setSpaceProperty(idOf(conversation), tag));
  }
  unsetSpaceProperty(conversation: Ref, tag: string): Promise<ReadableActivity> {
    return official(this.engine.unsetSpaceProperty(idOf(conversation), tag));
  }

  favorite = this.toggles('favorite');
  unfavorite = this.toggles('unfavorite');
  hide = this.toggles('hide');
  unhide = this.toggles('unhide');
  lock = this.toggles('lock');
  unlock = this.toggles('unlock');
  mute = this.toggles('mute');
  unmute = this.toggles('unmute');
  tag(conversation: Ref, { tags }: { readonly tags: readonly string[] }): Promise<ReadableActivity> {
    return official(this.engine.tag(idOf(conversation), tags));
  }
  untag(conversation: Ref, { tags }: { readonly tags: readonly string[] }): Promise<ReadableActivity> {
    return official(this.engine.untag(idOf(conversation), tags));
  }
  muteMessages: Verb = (conversation) => this.tag(conversation, { tags: ['MESSAGE_NOTIFICATIONS_OFF'] });
  unmuteMessages: Verb = (conversation) => this.tag(conversation, { tags: ['MESSAGE_NOTIFICATIONS_ON'] });
  muteMentions: Verb = (conversation) => this.tag(conversation, { tags: ['MENTION_NOTIFICATIONS_OFF'] });
  unmuteMentions: Verb = (conversation) => this.tag(conversation, { tags: ['MENTION_NOTIFICATIONS_ON'] });
  ignore: Verb = (conversation) => this.tag(conversation, { tags: ['IGNORED'] });
  unignore: Verb = (conversation) => this.untag(conversation, { tags: ['IGNORED'] });
  removeAllMuteTags: Verb = (conversation) => this.untag(conversation, { tags: muteTags });

  // --- where it is
  /** The address of a conversation, by its id. */
  getConvoUrl(conversation: Ref & { readonly conversationUrl?: string }): string {
    const { conversationUrl, url } = conversation;
    return conversationUrl ?? url ?? this.getUrlFromClusterId(conversation);
  }
  getConversationUrl(conversation: Ref): Promise<string> {
    return official(
      this.webex.linkage
        .get()
        .host.serviceUrl('conversation')
        .then((base) => conversation.url ?? `${base}/conversations/${idOf(conversation)}`),
    );
  }
  /** @throws when the catalog is not here yet: `internal.services.waitForCatalog()` */
  getUrlFromClusterId({ id }: Ref = {}): string {
    const base = this.webex.internal.services.get('conversation');
    if (base === undefined)
      throw sdkError(
        'ERR_UNKNOWN_SERVICE',
        'the catalog is not here yet; wait for services.waitForCatalog()',
      );
    return id === undefined ? base : `${base}/conversations/${id}`;
  }

  // --- activities by hand
  prepareConversation(conversation: Ref & Query): object {
    const kept = ['id', 'url', 'objectType', 'defaultActivityEncryptionKeyUrl', 'kmsResourceObjectUrl'];
    const given = Object.entries(conversation).filter(([name]) => kept.includes(name));
    return { objectType: 'conversation', ...Object.fromEntries(given) };
  }
  /** An activity of oneself, with what is given. */
  async prepare(activity: Query = {}, params: Query = {}): Promise<Query> {
    const id = await this.uuidOf(undefined);
    return {
      objectType: 'activity',
      clientTempId: randomUuid(),
      actor: { objectType: 'person', id, entryUUID: id },
      ...params,
      ...activity,
    };
  }
  /** Sends a prepared activity. Words of a `post` are encrypted; other verbs leave as they are. */
  async submit(activity: Query): Promise<ReadableActivity> {
    const { verb, object, target, parent, clientTempId } = activity as {
      readonly verb?: string;
      readonly object?: Exclude<Message, string>;
      readonly target?: Ref;
      readonly parent?: PostOptions['parent'];
      readonly clientTempId?: string;
    };
    if (verb === undefined || target === undefined || object === undefined)
      throw sdkError('ERR_ARGUMENT', 'an activity needs a verb, an object and a target');
    if (verb === 'post')
      return this.post(target, object, {
        ...(parent && { parent }),
        ...(clientTempId !== undefined && { clientTempId }),
      });
    if (['share', 'update', 'assign', 'cardAction', 'add', 'leave', 'updateKey'].includes(verb))
      throw notSupported(`conversation.submit() of '${verb}'`, `use conversation.${verb}()`);
    const { body } = await this.webex.request<ReadableActivity>({
      method: 'POST',
      uri: `${await this.getConversationUrl(target)}/activities`,
      qs: { personRefresh: true },
      body: activity,
    });
    return body;
  }
  /** An activity of these parts. */
  expand(verb: string, object?: object, target?: object, actor?: object): object {
    return {
      objectType: 'activity',
      verb,
      ...(actor && { actor }),
      ...(object && { object }),
      ...(target && { target }),
    };
  }
  readonly createReactionHmac = refuses('conversation.createReactionHmac()', 'use addReaction()');
  readonly sendReaction = refuses('conversation.sendReaction()', 'use addReaction()');
  readonly processActivityEvent = refuses(
    'conversation.processActivityEvent()',
    "activities arrive readable: listen to mercury's event:conversation.activity",
  );
  readonly processInmeetingchatEvent = refuses('conversation.processInmeetingchatEvent()');

  private async listEncrypted(qs: Query): Promise<readonly ReadableConversation[]> {
    const { body } = await this.webex.request<{ readonly items: readonly ReadableConversation[] }>({
      service: 'conversation',
      resource: 'conversations',
      qs: { ...qs },
    });
    return body.items.map((encrypted) => {
      const conversation = shownConversation(encrypted);
      const decrypt = async (): Promise<ReadableConversation> =>
        Object.assign(conversation, await this.get(conversation.id, qs));
      return Object.defineProperty(conversation, 'decrypt', { value: decrypt, enumerable: false });
    });
  }
  /** With the key service's answer readable in `kmsMessage`, where it is for this client. */
  private async withKmsAnswer<T extends object>(answer: T): Promise<T> {
    const { kmsMessage } = answer as { readonly kmsMessage?: unknown };
    if (typeof kmsMessage !== 'string') return answer;
    const { encryption } = this.webex.linkage.get().client;
    const read = await encryption.unwrap(kmsMessage).catch(() => undefined);
    return { ...answer, kmsMessage: read ?? kmsMessage };
  }
  private get engine(): Engine {
    return this.webex.linkage.get().client.conversation;
  }
  private toggles(verb: Toggle): Verb {
    return (conversation) => official(this.engine[verb](idOf(conversation)));
  }
  /** A person by uuid, as it is; by address, looked up; no one: oneself. */
  private async uuidOf(person: PersonRef | undefined): Promise<string> {
    if (person === undefined) return (await official(this.webex.linkage.get().client.connect())).userId;
    const id = typeof person === 'string' ? person : (person.entryUUID ?? person.id ?? '');
    return this.webex.internal.user.asUUID(id, { create: true });
  }
}

const firstPage = <T>(list: List<T>): Promise<CorePage<T>> => official(list.page());
