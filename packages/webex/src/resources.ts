import type { AttachmentAction } from '@trunkline/attachment-actions';
import type { List } from '@trunkline/core';
import type { LastSeen, MembershipWithReadStatus } from '@trunkline/memberships';
import type { MessageCreate } from '@trunkline/messages';
import type { RoomWithReadStatus } from '@trunkline/rooms';
import {
  decodeId,
  encodeId,
  type Membership,
  type Message,
  type MessageDraft,
  type Person,
  type Room,
  type Team,
  type TeamMembership,
  type Webhook,
} from '@trunkline/wire';
import type { WebexConfig } from './config.js';
import type { Listener } from './events.js';
import { expectObject, expectText, idIn, isRecord } from '@trunkline/core/kit';
import { named } from './files.js';
import { notSupported } from './not-supported.js';
import { official } from './http-error.js';
import type { LinkedClient } from './link.js';
import { Page } from './page.js';
import { type PluginDefinition, WebexPlugin } from './plugin.js';
import type { OfficialRequest, OfficialResponse } from './request.js';
import type { EventEnvelope, LiveName, PublicEventData } from './public-events.js';

/** What is given travels as it is: what the service takes, today's and tomorrow's. */
type Fields = object;
/** What was fetched, changed; or its id with what is to be changed. */
interface Changed {
  readonly id: string;
  readonly [field: string]: unknown;
}
type Identified = string | { readonly id: string };

/** The calls of a native plugin. */
interface Native {
  create(what: never): Promise<unknown>;
  get(what: Identified): Promise<unknown>;
  list?(query: never): List<unknown>;
  update?(what: never): Promise<unknown>;
  remove?(what: Identified): Promise<void>;
}
type ResourceName = LiveName | 'teams' | 'teamMemberships' | 'webhooks';

/** The native plugin; what it does not have refuses with `ERR_NOT_SUPPORTED`. */
const withMethods = (native: Native, resource: string): Required<Native> => {
  const refuse = (method: string) => () => {
    throw notSupported(`webex.${resource}.${method}()`);
  };
  return { list: refuse('list'), update: refuse('update'), remove: refuse('remove'), ...native };
};

/** `create`, `get`, `list`, `update`, `remove` of one public resource: those of the native plugin. */
export abstract class Resource<T> extends WebexPlugin {
  /** the native plugin, and the property on the Webex */
  protected abstract get resource(): ResourceName;
  protected get client(): LinkedClient {
    return this.webex.linkage.get().client;
  }
  private get native(): Required<Native> {
    return withMethods(this.client[this.resource], this.resource);
  }
  async create(what: Fields): Promise<T> {
    return (await official(this.native.create(what as never))) as T;
  }
  override async get<R = T>(what: Identified): Promise<R> {
    return (await official(this.native.get(what))) as R;
  }
  async list(query: Fields = {}): Promise<Page<T>> {
    return Page.of<T>(this.native.list(query as never));
  }
  async update(what: T | Changed, changes?: Fields): Promise<T> {
    const given = changes ? { ...changes, id: idIn(what, `${this.resource}.update`) } : what;
    return (await official(this.native.update(given as never))) as T;
  }
  async remove(what: Identified): Promise<void> {
    await official(this.native.remove(what));
  }
}

type Heard<Name extends LiveName, Event extends keyof PublicEventData[Name]> = (
  envelope: EventEnvelope<PublicEventData[Name][Event]>,
) => unknown;

/** A resource with events from the socket: `listen()`, then `on('created', (envelope) => …)`. */
abstract class LiveResource<T, Name extends LiveName> extends Resource<T> {
  protected abstract override get resource(): LiveName;
  /** Resolves when the socket is open, or when `stopListening` was called meanwhile. */
  listen(): Promise<void> {
    return official(this.webex.publicEvents.listen(this.resource));
  }
  /** Nothing arrives any more; the socket stays. */
  override stopListening(...args: Parameters<WebexPlugin['stopListening']>): this {
    if (args.length === 0) this.webex.publicEvents.stop(this.resource);
    return super.stopListening(...args);
  }
  override on<Event extends keyof PublicEventData[Name] & string>(
    event: Event,
    listener: Heard<Name, Event>,
    context?: unknown,
  ): this;
  override on(events: string, listener: Listener, context?: unknown): this;
  override on(events: string, listener: Listener, context?: unknown): this {
    return super.on(events, listener, context);
  }
  override once<Event extends keyof PublicEventData[Name] & string>(
    event: Event,
    listener: Heard<Name, Event>,
    context?: unknown,
  ): this;
  override once(events: string, listener: Listener, context?: unknown): this;
  override once(events: string, listener: Listener, context?: unknown): this {
    return super.once(events, listener, context);
  }
}

/** `webex.rooms` */
export class Rooms extends LiveResource<Room, 'rooms'> {
  protected override get resource() {
    return 'rooms' as const;
  }
  getWithReadStatus(roomId: string): Promise<RoomWithReadStatus> {
    return official(this.client.rooms.getWithReadStatus(roomId));
  }
  listWithReadStatus(maxRecent = 0): Promise<{ readonly items: readonly RoomWithReadStatus[] }> {
    return official(this.client.rooms.listWithReadStatus(maxRecent));
  }
}

/** `webex.memberships` */
export class Memberships extends LiveResource<Membership, 'memberships'> {
  protected override get resource() {
    return 'memberships' as const;
  }
  listWithReadStatus(query: {
    readonly roomId: string;
  }): Promise<{ readonly items: readonly MembershipWithReadStatus[] }> {
    return official(this.client.memberships.listWithReadStatus(query));
  }
  updateLastSeen(message: { readonly id: string; readonly roomId: string }): Promise<LastSeen> {
    return official(this.client.memberships.updateLastSeen(message));
  }
}

/** What the official `messages.create` takes: a draft, and two ways of its own. */
interface NewMessage extends Omit<MessageDraft, 'files'> {
  /** the old way to give one file */
  readonly file?: unknown;
  readonly files?: readonly unknown[] | null;
  readonly mentionsAll?: boolean;
}

/** `webex.messages`: always by REST, readable to the service; `internal.conversation` is the encrypted way. */
export class Messages extends LiveResource<Message, 'messages'> {
  protected override get resource() {
    return 'messages' as const;
  }
  override async create(message: NewMessage): Promise<Message> {
    expectObject(message, 'messages.create: message');
    const { file, files, ...content } = message;
    const given = file === undefined || file === null ? files : [file];
    const draft: object = {
      ...content,
      ...(given && { files: Array.isArray(given) ? given.map(named) : given }),
    };
    return official(this.client.messages.create(draft as MessageCreate));
  }
  /** @param changes left out: what `message` says now */
  override async update(
    message: string | Message | Changed,
    changes?: {
      readonly roomId?: string;
      readonly text?: string;
      readonly markdown?: string;
      readonly html?: string;
    },
  ): Promise<Message> {
    return official(this.client.messages.update(message, changes));
  }
}

/** The people of these ids, in that order; `items` is the same. */
type PeopleByIds = readonly Person[] & { readonly items: readonly Person[] };

/** Sends the lookups of people that were gathered. */
class PeopleBatcher {
  constructor(private readonly people: People) {}
  /** The same object as `config.people`; may be changed at any time. */
  get config(): NonNullable<WebexConfig['people']> {
    return (this.people.webex.config.people ??= {});
  }
  /** Sends one lookup of several people by id. Apps may watch it, or put another function in its place. */
  submitHttpRequest<T>(lookup: OfficialRequest): Promise<OfficialResponse<T>> {
    return this.people.webex.request<T>(lookup);
  }
}
/** Whether a request looks people up by id, several at once. */
export const isPeopleLookup = ({ service, resource }: OfficialRequest): boolean =>
  service === 'hydra' && resource === '/people/';

/** `webex.people` */
export class People extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'People' };
  readonly #batcher = new PeopleBatcher(this);
  /** Gathers lookups by id into few requests. */
  get batcher(): PeopleBatcher {
    return this.#batcher;
  }
  /** `'me'`, an id, a uuid, or an object with `id` or `personId`. */
  override get(person: string | { readonly id?: string; readonly personId?: string }): Promise<Person> {
    const { personId } = (isRecord(person) ? person : {}) as { readonly personId?: string };
    return official(this.webex.linkage.get().client.people.get((personId ?? person) as string));
  }
  /**
   * People by id, all at once; or those who match, page by page.
   *
   * @param showAllTypes also accounts that are not people, such as bots; default `config.people.showAllTypes`
   */
  list(ids: readonly string[], showAllTypes?: boolean): Promise<PeopleByIds>;
  list(query: Fields, showAllTypes?: boolean): Promise<Page<Person>>;
  async list(what: readonly string[] | Fields, showAllTypes?: boolean): Promise<PeopleByIds | Page<Person>> {
    const { people } = this.webex.linkage.get().client;
    const types = showAllTypes === undefined ? {} : { showAllTypes };
    if (Array.isArray(what)) {
      const { showAllTypes: byDefault = false } = this.batcher.config;
      const found = await official(
        people.list(what as readonly string[], { showAllTypes: byDefault, ...types }),
      );
      // the API text reads `items`, as from a page
      return Object.defineProperty([...found], 'items', { value: found }) as PeopleByIds & Person[];
    }
    expectObject(what, 'people.list: a query or ids');
    const query: object = what;
    return Page.of(people.list({ ...query, ...types }));
  }
  /** The public id of a person by uuid; what is a public id already is returned as it is. */
  inferPersonIdFromUuid(id: string): string {
    expectText(id, 'people.inferPersonIdFromUuid: id');
    return decodeId(id) ? id : encodeId('PEOPLE', id);
  }
}

/** `webex.attachmentActions`: what was submitted from a card. */
export class AttachmentActions extends LiveResource<AttachmentAction, 'attachmentActions'> {
  protected override get resource() {
    return 'attachmentActions' as const;
  }
}
/** `webex.teams` */
export class Teams extends Resource<Team> {
  protected override get resource() {
    return 'teams' as const;
  }
}
/** `webex.teamMemberships` */
export class TeamMemberships extends Resource<TeamMembership> {
  protected override get resource() {
    return 'teamMemberships' as const;
  }
}
/** `webex.webhooks` */
export class Webhooks extends Resource<Webhook> {
  protected override get resource() {
    return 'webhooks' as const;
  }
}
