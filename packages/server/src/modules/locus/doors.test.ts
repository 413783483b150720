import { expect } from 'chai';
import { ApiError } from '../../kernel/http/errors.js';
import type { Caller, User } from '../identity/api.js';
import type { Entrant, MeetingPlace, MeetingsApi } from '../meetings/api.js';
import { arrivalOf, createDoors, newMeetingAt } from './doors.js';
import { emptyMeeting } from './samples.test.js';

const user = (name: string, roles: readonly string[] = []): User => ({
  id: name,
  org_id: 'org',
  email: `${name}@example.com`,
  display_name: name,
  extension: '',
  created_ms: 0,
  roles,
});
const callerOf = (who: User): Caller => ({
  user: who,
  scopes: new Set(['spark:all']),
  tokenHash: '',
  expiresMs: 0,
});
const place: MeetingPlace = {
  kind: 'scheduled',
  scheduledId: 's1',
  title: 'Standup',
  orgId: 'org',
  hostUserId: 'ana',
  number: '2000000001',
  sipAddress: '2000000001@meet.trunkline',
  isPersonalRoom: false,
  startsMs: 1,
  endsMs: 2,
};
const statusOf = async (run: Promise<unknown>): Promise<number> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  return 200;
};

/** Ana and Ben are colleagues; Gail is a guest who shares a room with Ana. */
function open(meetings: Partial<MeetingsApi> = {}) {
  const people = [user('ana'), user('ben')];
  return createDoors(
    { userByEmail: (email) => Promise.resolve(people.find((one) => one.email === email)) },
    {
      reads: {
        sharing: (_id: string, ids: readonly string[]) =>
          Promise.resolve(new Set(ids.filter((id) => id === 'ana'))),
      },
    } as unknown as Parameters<typeof createDoors>[1],
    {
      find: () => Promise.resolve(undefined),
      show: () => ({}),
      byScheduledId: (id) => Promise.resolve(id === place.scheduledId ? place : undefined),
      enter: () => Promise.resolve({ isHost: false, mustWait: false }),
      isHostKey: (_place, key) => Promise.resolve(key === '123456'),
      ...meetings,
    },
  );
}
const ana = callerOf(user('ana'));
const gail = callerOf(user('gail', ['guest']));

describe('doors of meetings', () => {
  it('take an address for a meeting before a person', async () => {
    const doors = open({
      find: (address) => Promise.resolve(address === 'ben@example.com' ? place : undefined),
    });
    expect(await doors.resolve(ana, 'ben@example.com')).to.deep.equal({ kind: 'place', place });
  });
  for (const address of ['ben@example.com', 'BEN@example.com', 'sip:ben@example.com', 'sips:Ben@Example.com'])
    it(`find a person by ${address}`, async () => {
      expect(await open().resolve(ana, address)).to.deep.equal({ kind: 'person', user: user('ben') });
    });
  for (const address of [
    'nobody@example.com',
    'ben',
    '',
    '@',
    '+49301234',
    'tel:+49301234',
    'x'.repeat(2_000),
  ])
    it(`answer ${address.slice(0, 30)} with 404`, async () => {
      expect(await statusOf(open().resolve(ana, address))).to.equal(404);
    });
  it('let guests call only people with whom they share a room', async () => {
    expect((await open().resolve(gail, 'ana@example.com')).kind).to.equal('person');
    expect(await statusOf(open().resolve(gail, 'ben@example.com'))).to.equal(404);
    expect(await statusOf(open().invitee(gail, 'ben@example.com'))).to.equal(404);
  });

  it('pass on who comes, with permission token and PIN where they are texts', async () => {
    const entrants: Entrant[] = [];
    const doors = open({
      enter: (_place, who) => {
        entrants.push(who);
        return Promise.resolve({ isHost: false, mustWait: true });
      },
    });
    expect(await doors.enter(place, gail, { permissionToken: 't', pin: '0042' })).to.deep.equal({
      isHost: false,
      mustWait: true,
    });
    await doors.enter(place, ana, { permissionToken: 7, pin: 42 });
    await doors.enter(place, ana, undefined);
    expect(entrants).to.deep.equal([
      { userId: 'gail', orgId: 'org', isGuest: true, permissionToken: 't', pin: '0042' },
      { userId: 'ana', orgId: 'org', isGuest: false },
      { userId: 'ana', orgId: 'org', isGuest: false },
    ]);
  });

  describe('invite', () => {
    it('people by their address', async () => {
      expect(await open().invitee(ana, 'BEN@example.com')).to.deep.equal({
        userId: 'ben',
        name: 'ben',
        email: 'ben@example.com',
        orgId: 'org',
        address: 'BEN@example.com',
      });
    });
    for (const number of ['+49 (30) 1234', 'tel:+49-30-1234', '112', '*67,1234#'])
      it(`the phone ${number}`, async () => {
        expect(await open().invitee(ana, number)).to.deep.equal({ name: number, address: number });
      });
    for (const address of ['nobody@example.com', 'home', '12', '1'.repeat(41), '٠١٢٣', ''])
      it(`no one by ${address === '' ? 'an empty address' : address}`, async () => {
        expect(await statusOf(open().invitee(ana, address))).to.equal(404);
      });
  });

  it('check host keys where a place has one', async () => {
    const meeting = emptyMeeting({ scheduledId: 's1' });
    expect(await open().isHostKey(meeting, '123456')).to.equal(true);
    expect(await open().isHostKey(meeting, '123457')).to.equal(false);
    expect(await open().isHostKey(emptyMeeting(), '123456')).to.equal(false);
    expect(await open().isHostKey(emptyMeeting({ scheduledId: 'gone' }), '123456')).to.equal(false);
    expect(await open().placeOf(meeting)).to.deep.equal(place);
    expect(await open().placeOf(emptyMeeting())).to.equal(undefined);
  });
});

describe('a meeting that begins', () => {
  it('takes over what its place is', () => {
    expect(newMeetingAt(place)).to.deep.equal({
      type: 'MEETING',
      orgId: 'org',
      title: 'Standup',
      isPersonalRoom: false,
      sipAddress: place.sipAddress,
      scheduledId: 's1',
      hostUserId: 'ana',
      number: '2000000001',
    });
  });
});

describe('an arrival', () => {
  const entry = { isHost: true, mustWait: false };
  it('has the name that the person chose, else their own', () => {
    expect(arrivalOf(ana, { alias: ' Ana B. ' }, 'd1', entry).name).to.equal('Ana B.');
    for (const alias of ['', '   ', 7, undefined])
      expect(arrivalOf(ana, { alias }, 'd1', entry).name).to.equal('ana');
    expect(arrivalOf(ana, { alias: 'x'.repeat(100_000) }, 'd1', entry).name).to.have.length(128);
  });
  it('has a device with a type and a correlation id of limited length', () => {
    const { device, ...rest } = arrivalOf(
      gail,
      { device: { deviceType: 'x'.repeat(99) }, correlationId: 'c'.repeat(999) },
      'd1',
      entry,
    );
    expect(device).to.deep.equal({ key: 'd1', deviceType: 'x'.repeat(40), correlationId: 'c'.repeat(80) });
    expect(rest).to.deep.include({ userId: 'gail', isGuest: true, isHost: true, mustWait: false });
    expect(arrivalOf(ana, undefined, 'd1', entry).device).to.deep.equal({
      key: 'd1',
      deviceType: 'WEB',
      correlationId: '',
    });
  });
});
