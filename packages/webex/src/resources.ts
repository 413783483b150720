import type { LastSeen, MembershipWithReadStatus } from '@trunkline/memberships';
import type { MessageCreate } from '@trunkline/messages';
import type { RoomWithReadStatus } from '@trunkline/rooms';
import type {
  AttachmentAction,
  Membership,
  Message,
  MessageDraft,
  Person,
  Room,
  Team,
  TeamMembership,
  Webhook,
} from '@trunkline/wire';
import { sdkError } from '@trunkline/core';
import { named } from './files.js';
import { official } from './http-error.js';
import { Page } from './page.js';
import { WebexPlugin } from './plugin.js';

/** Travels as it is: what the service takes, today's and tomorrow's. */
type Fields = object;
/** What was fetched, changed; or its id with what is to be changed. */
interface Changed {
  readonly id: string;
  readonly [field: string]: unknown;
}
type Identified = string | { readonly id: string };
const idOf = (what: Identified): string => {
  const id = typeof what === 'string' ? what : (what as { readonly id?: string } | undefined)?.id;
  if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give the id, or an object that has one');
  return encodeURIComponent(id);
};

/** `create`, `get`, `list`, `update`, `remove` of one public resource. What is given travels as it is. */
export class Resource<T> extends WebexPlugin {
  /** below the public API's base URL */
  protected get path(): string {
    return '';
  }
  async create(what: Fields): Promise<T> {
    return (
      await this.webex.request<T>({ method: 'POST', service: 'hydra', resource: this.path, body: what })
    ).body;
  }
  override async get<R = T>(what: Identified, qs?: Fields): Promise<R> {
    const { body } = await this.webex.request<R & { readonly items?: R }>({
      service: 'hydra',
      resource: `${this.path}/${idOf(what)}`,
      ...(qs && { qs: { ...qs } }),
    });
    return body.items ?? body;
  }
  async list(qs: Fields = {}): Promise<Page<T>> {
    return new Page<T>(
      await this.webex.request<{ readonly items?: readonly T[] }>({
        service: 'hydra',
        resource: this.path,
        qs: { ...qs },
      }),
      this.webex,
    );
  }
  async update(what: T | Changed, changes?: Fields): Promise<T> {
    const resource = `${this.path}/${idOf(what as Changed)}`;
    return (await this.webex.request<T>({ method: 'PUT', service: 'hydra', resource, body: changes ?? what }))
      .body;
  }
  async remove(what: Identified): Promise<void> {
    await this.webex.request({ method: 'DELETE', service: 'hydra', resource: `${this.path}/${idOf(what)}` });
  }
}

/** A resource with events from the socket: `listen()`, then `on('created', (envelope) => …)`. */
class LiveResource<T> extends Resource<T> {
  protected get resource(): 'messages' | 'rooms' | 'memberships' | 'attachmentActions' {
    return 'messages';
  }
  /** Resolves when the socket is open. */
  listen(): Promise<void> {
    return official(this.webex.publicEvents.listen(this.resource));
  }
  /** Nothing arrives any more; the socket stays. */
  override stopListening(...args: Parameters<WebexPlugin['stopListening']>): this {
    if (args.length === 0) this.webex.publicEvents.stop(this.resource);
    return super.stopListening(...args);
  }
}

/** `webex.rooms` */
export class Rooms extends LiveResource<Room> {
  protected override get path() {
    return 'rooms';
  }
  protected override get resource() {
    return 'rooms' as const;
  }
  getWithReadStatus(roomId: string): Promise<RoomWithReadStatus> {
    return official(this.webex.linkage.get().client.rooms.getWithReadStatus(roomId));
  }
  listWithReadStatus(maxRecent = 0): Promise<{ readonly items: readonly RoomWithReadStatus[] }> {
    return official(this.webex.linkage.get().client.rooms.listWithReadStatus(maxRecent));
  }
}

/** `webex.memberships` */
export class Memberships extends LiveResource<Membership> {
  protected override get path() {
    return 'memberships';
  }
  protected override get resource() {
    return 'memberships' as const;
  }
  listWithReadStatus(query: {
    readonly roomId: string;
  }): Promise<{ readonly items: readonly MembershipWithReadStatus[] }> {
    return official(this.webex.linkage.get().client.memberships.listWithReadStatus(query));
  }
  updateLastSeen(message: { readonly id: string; readonly roomId: string }): Promise<LastSeen> {
    return official(this.webex.linkage.get().client.memberships.updateLastSeen(message));
  }
}

/** What the official `messages.create` takes: a draft, and two ways of its own. */
interface NewMessage extends MessageDraft {
  /** the old way to give one file */
  readonly file?: unknown;
  readonly mentionsAll?: boolean;
}

/** `webex.messages`: always by REST, readable to the service; `internal.conversation` is the encrypted way. */
export class Messages extends LiveResource<Message> {
  protected override get path() {
    return 'messages';
  }
  protected override get resource() {
    return 'messages' as const;
  }
  override create({ file, ...given }: NewMessage): Promise<Message> {
    const message = file === undefined ? given : { ...given, files: [file] };
    const { files = [] } = message as NewMessage;
    if (!files.some((each) => typeof each !== 'string')) return super.create(message);
    // a form: the plugin makes it
    const { client } = this.webex.linkage.get();
    return official(
      client.messages.create({
        ...(message as unknown as MessageCreate),
        files: files.map(named),
        clear: true,
      }),
    );
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
    const old =
      typeof message === 'string' ? undefined : (message as Partial<Message> & { readonly id: string });
    const roomId = changes?.roomId ?? old?.roomId;
    if (!roomId)
      throw sdkError('ERR_ARGUMENT', 'messages.update needs a roomId, in the message or in the changes');
    const resource = `messages/${idOf(old ?? message)}`;
    const body = { ...(changes ?? old), roomId };
    return (await this.webex.request<Message>({ method: 'PUT', service: 'hydra', resource, body })).body;
  }
}

/** `webex.people` */
export class People extends WebexPlugin {
  /** `'me'`, an id, a uuid, or something with one. */
  override get(person: string | { readonly id?: string; readonly personId?: string }): Promise<Person> {
    const id = typeof person === 'string' ? person : (person.personId ?? person.id ?? '');
    const { client } = this.webex.linkage.get();
    return official(id === 'me' ? client.people.me() : client.people.get(id));
  }
  /** People by id, all at once; or those who match, page by page. */
  list(ids: readonly string[]): Promise<readonly Person[]>;
  list(query: Fields): Promise<Page<Person>>;
  async list(what: readonly string[] | Fields): Promise<readonly Person[] | Page<Person>> {
    if (Array.isArray(what))
      return official(this.webex.linkage.get().client.people.list(what as readonly string[]));
    const found = await this.webex.request<{ readonly items?: readonly Person[] }>({
      service: 'hydra',
      resource: 'people',
      qs: Object.fromEntries(Object.entries(what)),
    });
    return new Page(found, this.webex);
  }
}

/** `webex.attachmentActions`: what was sent off from a card. */
export class AttachmentActions extends LiveResource<AttachmentAction> {
  protected override get path() {
    return 'attachment/actions';
  }
  protected override get resource() {
    return 'attachmentActions' as const;
  }
}
/** `webex.teams` */
export class Teams extends Resource<Team> {
  protected override get path() {
    return 'teams';
  }
}
/** `webex.teamMemberships` */
export class TeamMemberships extends Resource<TeamMembership> {
  protected override get path() {
    return 'team/memberships';
  }
}
/** `webex.webhooks` */
export class Webhooks extends Resource<Webhook> {
  protected override get path() {
    return 'webhooks';
  }
}
