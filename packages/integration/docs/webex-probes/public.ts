import type {
  AttachmentActionObject,
  MembershipObject,
  MessageObject,
  RoomObject,
  Webex,
} from '@trunkline/webex';
import { expect } from 'chai';
import { collect, refusal } from '../../webex/tools.js';
import type { Context, Probes } from './context.js';

/** A room of Ana's with Ben in it, made once for all probes. */
const shared = new WeakMap<Context, Promise<RoomObject>>();
export const roomOf = (context: Context): Promise<RoomObject> => {
  const made =
    shared.get(context) ??
    (async () => {
      const room = await context.ana.rooms.create({ title: 'Probes' });
      await context.ana.memberships.create({ roomId: room.id, personEmail: context.benPerson.email });
      return room;
    })();
  shared.set(context, made);
  return made;
};

/** `listen` and `stopListening`: an event comes after the one, and none after the other. */
const listening = (of: (webex: Webex) => LiveOne, make: (context: Context) => Promise<unknown>): Probes => ({
  listen: async (context) => {
    await roomOf(context);
    const live = of(context.ben);
    const created = collect<object>(live, 'created');
    await live.listen();
    await make(context);
    expect(await created.next()).to.have.property('data');
  },
  stopListening: async (context) => {
    const live = of(context.ben);
    live.stopListening();
    const created = collect<object>(live, 'created');
    // another listener of the same socket says when the event would have come
    const frames = collect<object>(context.ben.internal.mercury, 'event:conversation.activity');
    await context.ben.internal.mercury.connect();
    await make(context);
    await frames.next();
    expect(created.seen).to.deep.equal([]);
  },
});
interface LiveOne {
  listen(): Promise<void>;
  stopListening(): unknown;
  on(event: string, listener: (event: never) => unknown): unknown;
  off(event?: string): unknown;
}

let one: RoomObject;
const rooms: Probes = {
  ...listening(
    ({ rooms: live }) => live,
    ({ ben }) => ben.rooms.create({ title: 'Received' }),
  ),
  create: async ({ ana }) => {
    one = await ana.rooms.create({ title: 'One' });
    expect(one).to.include({ title: 'One', type: 'group' });
  },
  get: async ({ ana }) => expect((await ana.rooms.get(one)).id).to.equal(one.id),
  list: async ({ ana }) => {
    const page = await ana.rooms.list({ max: 1 });
    expect([page.length, page.hasNext()]).to.deep.equal([1, true]);
    expect([...(await page.next())][0]?.id).not.to.equal(page.items[0]?.id);
  },
  listWithReadStatus: async ({ ana }) => {
    const { items } = await ana.rooms.listWithReadStatus();
    expect(items.map(({ id }) => id)).to.include(one.id);
  },
  getWithReadStatus: async ({ ana }) =>
    expect(await ana.rooms.getWithReadStatus(one.id)).to.include({ id: one.id, title: 'One', type: 'group' }),
  update: async ({ ana }) => expect((await ana.rooms.update({ ...one, title: 'Two' })).title).to.equal('Two'),
  remove: async ({ ana }) => {
    await ana.rooms.remove(one);
    expect(await refusal(ana.rooms.get(one.id))).to.include({ statusCode: 404 });
  },
};

let message: MessageObject;
const messages: Probes = {
  ...listening(
    ({ messages: live }) => live,
    async (context) => context.ana.messages.create({ roomId: (await roomOf(context)).id, text: 'received' }),
  ),
  create: async (context) => {
    const { id: roomId } = await roomOf(context);
    const file = Object.assign(new TextEncoder().encode('bytes'), { name: 'a.txt' });
    const withFile = await context.ana.messages.create({ roomId, text: 'look', files: [file] });
    expect(withFile.files).to.have.length(1);
    message = await context.ana.messages.create({ roomId, markdown: '**hi**' });
    expect(message.html).to.include('<strong>hi</strong>');
  },
  get: async ({ ben }) => expect((await ben.messages.get(message.id)).text).to.equal('hi'),
  list: async ({ ben }) => {
    const page = await ben.messages.list({ roomId: message.roomId, max: 2 });
    expect(page.items.map(({ id }) => id)).to.include(message.id);
  },
  update: async ({ ana }) =>
    expect((await ana.messages.update(message, { roomId: message.roomId, text: 'better' })).text).to.equal(
      'better',
    ),
  remove: async ({ ana }) => {
    await ana.messages.remove(message);
    expect(await refusal(ana.messages.get(message.id))).to.include({ statusCode: 404 });
  },
};

let membership: MembershipObject;
const memberships: Probes = {
  ...listening(
    ({ memberships: live }) => live,
    async ({ ana, benPerson }) => {
      const { id: roomId } = await ana.rooms.create({ title: 'Members' });
      await ana.memberships.create({ roomId, personEmail: benPerson.email });
    },
  ),
  create: async ({ ana, benPerson }) => {
    const { id: roomId } = await ana.rooms.create({ title: 'Memberships' });
    membership = await ana.memberships.create({ roomId, personEmail: benPerson.email });
    expect(membership).to.include({ personEmail: benPerson.email, isModerator: false });
  },
  get: async ({ ana }) => expect((await ana.memberships.get(membership)).id).to.equal(membership.id),
  list: async ({ ana }) =>
    expect(await ana.memberships.list({ roomId: membership.roomId })).to.have.property('length', 2),
  listWithReadStatus: async ({ ana }) => {
    const { items } = await ana.memberships.listWithReadStatus({ roomId: membership.roomId });
    expect(items).to.have.length(2);
  },
  updateLastSeen: async ({ ana, ben }) => {
    const { id, roomId } = await ana.messages.create({ roomId: membership.roomId, text: 'seen?' });
    expect(await ben.memberships.updateLastSeen({ id, roomId })).to.include({ lastSeenId: id });
  },
  update: async ({ ana }) =>
    expect((await ana.memberships.update({ ...membership, isModerator: true })).isModerator).to.equal(true),
  remove: async ({ ana }) => {
    await ana.memberships.remove(membership);
    expect(await ana.memberships.list({ roomId: membership.roomId })).to.have.property('length', 1);
  },
};

const people: Probes = {
  get: async ({ ana, benPerson }) => {
    expect((await ana.people.get('me')).displayName).to.equal('Ana');
    expect((await ana.people.get(benPerson.id)).displayName).to.equal('Ben');
  },
  list: async ({ ana, anaPerson, benPerson }) => {
    const byIds = await ana.people.list([benPerson.id, anaPerson.id], true);
    expect(byIds.map(({ displayName }) => displayName)).to.deep.equal(['Ben', 'Ana']);
    expect(byIds.items).to.have.length(2);
    // any part of the name or of the address
    for (const query of [{ displayName: 'EN' }, { email: 'en@example' }, { email: benPerson.email }])
      expect((await ana.people.list(query)).items.map(({ displayName }) => displayName)).to.include('Ben');
    expect((await ana.people.list({ email: '%' })).items).to.deep.equal([]);
  },
};

let team: { readonly id: string };
const teams: Probes = {
  create: async ({ ana }) => {
    team = await ana.teams.create({ name: 'Makers' });
    expect(team).to.include({ name: 'Makers' });
  },
  get: async ({ ana }) => expect((await ana.teams.get(team.id)).name).to.equal('Makers'),
  list: async ({ ana }) => expect((await ana.teams.list()).items.map(({ id }) => id)).to.include(team.id),
  update: async ({ ana }) =>
    expect((await ana.teams.update({ id: team.id, name: 'Doers' })).name).to.equal('Doers'),
  remove: async ({ ana }) => {
    await ana.teams.remove(team);
    expect(await refusal(ana.teams.get(team.id))).to.include({ statusCode: 404 });
  },
};

let teamMembership: { readonly id: string };
let teamId: string;
const teamMemberships: Probes = {
  create: async ({ ana, benPerson }) => {
    ({ id: teamId } = await ana.teams.create({ name: 'Members' }));
    teamMembership = await ana.teamMemberships.create({ teamId, personEmail: benPerson.email });
    expect(teamMembership).to.include({ personEmail: benPerson.email });
  },
  get: async ({ ana }) =>
    expect((await ana.teamMemberships.get(teamMembership)).id).to.equal(teamMembership.id),
  list: async ({ ana }) => expect(await ana.teamMemberships.list({ teamId })).to.have.property('length', 2),
  update: async ({ ana }) =>
    expect(
      (await ana.teamMemberships.update({ id: teamMembership.id, isModerator: true })).isModerator,
    ).to.equal(true),
  remove: async ({ ana }) => {
    await ana.teamMemberships.remove(teamMembership);
    expect(await ana.teamMemberships.list({ teamId })).to.have.property('length', 1);
  },
};

let webhook: { readonly id: string; readonly name: string; readonly targetUrl: string };
const webhooks: Probes = {
  create: async ({ ana }) => {
    webhook = await ana.webhooks.create({
      ...{ name: 'Probe', targetUrl: 'https://example.com/hook', resource: 'messages', event: 'created' },
    });
    expect(webhook).to.include({ name: 'Probe', status: 'active' });
  },
  get: async ({ ana }) => expect((await ana.webhooks.get(webhook)).name).to.equal('Probe'),
  list: async ({ ana }) =>
    expect((await ana.webhooks.list()).items.map(({ id }) => id)).to.include(webhook.id),
  update: async ({ ana }) => {
    const { id, targetUrl } = webhook;
    expect((await ana.webhooks.update({ id, targetUrl, name: 'Renamed' })).name).to.equal('Renamed');
  },
  remove: async ({ ana }) => {
    await ana.webhooks.remove(webhook);
    expect(await refusal(ana.webhooks.get(webhook.id))).to.include({ statusCode: 404 });
  },
};

const press = async (context: Context): Promise<AttachmentActionObject> => {
  const { id: roomId } = await roomOf(context);
  const content = {
    ...{ type: 'AdaptiveCard', version: '1.3', body: [{ type: 'Input.Text', id: 'dish' }] },
    actions: [{ type: 'Action.Submit', title: 'Send' }],
  };
  const { id: messageId } = await context.ben.messages.create({
    roomId,
    text: 'Lunch?',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  });
  return context.ana.attachmentActions.create({ type: 'submit', messageId, inputs: { dish: 'soup' } });
};
let action: AttachmentActionObject;
const attachmentActions: Probes = {
  ...listening(({ attachmentActions: live }) => live, press),
  create: async (context) => {
    action = await press(context);
    expect(action.inputs).to.deep.equal({ dish: 'soup' });
  },
  get: async ({ ana }) =>
    expect((await ana.attachmentActions.get(action.id)).inputs).to.deep.equal({ dish: 'soup' }),
};

export const publicApi: Readonly<Record<string, Probes>> = {
  'webex.rooms': rooms,
  'webex.messages': messages,
  'webex.memberships': memberships,
  'webex.people': people,
  'webex.teams': teams,
  'webex.teamMemberships': teamMemberships,
  'webex.webhooks': webhooks,
  'webex.attachmentActions': attachmentActions,
};
