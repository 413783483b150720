// Every public method is called with junk in every place, as JavaScript callers may do by mistake.
import { attachmentActions } from '@trunkline/attachment-actions';
import type { Client } from '@trunkline/core';
import { devices } from '@trunkline/devices';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { presence } from '@trunkline/presence';
import { rooms } from '@trunkline/rooms';
import { support } from '@trunkline/support';
import { teamMemberships, teams } from '@trunkline/teams';
import { startCloud, type Cloud } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { webhooks } from '@trunkline/webhooks';
import { expect } from 'chai';
import { signIn } from '../webex/tools.js';
import { tryJunk, type Method } from './junk.js';
import { nativeCalls, restCalls, umbrellaCalls, type Calls, type Things } from './methods.js';

const rest = () =>
  [
    rooms(),
    messages(),
    memberships(),
    people(),
    teams(),
    teamMemberships(),
    webhooks(),
    attachmentActions(),
  ] as const;
const others = () => [...rest(), presence(), devices(), support(), e2ee()] as const;
type Apis = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The functions of each API, found at run time: a new method without an entry fails the test below. */
const namesIn = (api: object): readonly string[] => {
  const names = new Set<string>();
  for (let at: unknown = api; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if ((at as { readonly constructor?: { readonly name: string } }).constructor?.name === 'WebexPlugin')
      break;
    for (const name of Object.getOwnPropertyNames(at)) {
      const value = Object.getOwnPropertyDescriptor(at, name)?.value as unknown;
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
};

describe('junk in the arguments', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let things: Things;
  let plain: Client<ReturnType<typeof rest>>;
  let full: Client<ReturnType<typeof others>>;
  let webex: Webex;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(reason);
  };

  before(async () => {
    process.on('unhandledRejection', onUnhandled);
    cloud = await startCloud();
    plain = await cloud.client('ana', rest());
    full = await cloud.client('ana', others());
    webex = await signIn(cloud, 'ana');
    await full.connect();
    const ben = await cloud.person('ben');
    const { id: roomId } = await full.rooms.create({ title: 'Junk' });
    const { id: messageId } = await full.messages.create({ roomId, text: 'here' });
    const [key] = await full.encryption.createKeys(1);
    things = {
      roomId,
      messageId,
      conversationId: decode(roomId),
      activityId: decode(messageId),
      personId: ben.id,
      email: ben.email,
      keyUrl: key?.uri ?? '',
      fileUrl: `${cloud.url}/files/v1/files/00000000-0000-4000-8000-000000000000`,
      teamId: (await full.teams.create({ name: 'Junk' })).id,
    };
    await cloud.admin('POST', 'devices', { displayName: 'Junk room' });
  });
  after(async () => {
    await webex.close();
    await cloud.close();
    process.off('unhandledRejection', onUnhandled);
  });
  const run = (title: string, apis: () => object, table: Calls): void => {
    describe(title, () => {
      for (const [api, calls] of Object.entries(table)) {
        const target = () =>
          api.split('.').reduce<unknown>((at, step) => (at as Apis)[step], apis()) as Readonly<
            Record<string, unknown>
          >;
        it(`${api}: has an entry for each method`, () => {
          const known = Object.keys(calls);
          expect(known).to.have.members(namesIn(target()));
        });
        for (const [name, entry] of Object.entries(calls))
          it(`${api}.${name}`, async function () {
            if (entry === 'none') return this.skip();
            const of = target();
            const method: Method = {
              name: `${api}.${name}`,
              call: (...given) => (of[name] as (...all: readonly unknown[]) => unknown).apply(of, [...given]),
              sync: entry.sync === true,
            };
            const faults = await tryJunk(method, entry.valid(things));
            await new Promise(setImmediate);
            faults.push(...unhandled.splice(0).map((reason) => `not handled: ${String(reason)}`));
            expect(faults, faults.join('\n')).to.deep.equal([]);
          });
      }
    });
  };
  run('of a client without encryption', () => plain, restCalls);
  run('of a client with every plugin', () => full, { ...restCalls, ...nativeCalls });
  run('of the webex umbrella', () => webex, umbrellaCalls);
});

const decode = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').pop() ?? '';
