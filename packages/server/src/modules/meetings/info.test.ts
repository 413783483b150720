import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import {
  infoUrl,
  type MeetingAnswer,
  type Person,
  type Schedule,
  startSchedule,
  urls,
} from './harness.test.js';

const unknownRoom = '00000000-0000-4000-8000-000000000000';

describe('meeting info', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let made: MeetingAnswer;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben] = await Promise.all([schedule.person('ana'), schedule.person('ben')]);
    made = await schedule.schedule(ana);
  });
  afterEach(() => schedule.close());

  it('needs a token', async () => {
    const { status } = await schedule.call(undefined, 'POST', infoUrl, { meetingKey: made.meetingNumber });
    expect(status).to.equal(401);
  });
  it('has the fields that clients read, and no secret', async () => {
    const { status, body } = await schedule.info(ben, { meetingKey: made.meetingNumber });
    expect(status).to.equal(200);
    expect(body).to.deep.include({
      sipUrl: made.sipAddress,
      meetingName: 'Standup',
      meetingNumber: made.meetingNumber,
      meetingId: made.meetingNumber,
      confIdStr: made.meetingNumber,
      meetingJoinUrl: made.webLink,
      owner: ana.id,
      isPmr: false,
      supportVoIP: true,
      video: { supportHDV: true, supportHQV: true },
    });
    expect(body.permissionToken?.split('.')).to.have.length(3);
    expect(JSON.stringify(body)).not.to.contain(made.hostKey);
  });
  it('is found by each kind of destination', async () => {
    for (const body of [
      { meetingKey: made.meetingNumber },
      { meetingKey: `wbxmn:${made.meetingNumber}` },
      { sipUrl: made.sipAddress },
      { sipUrl: `sip:${made.sipAddress}` },
      { meetingUrl: made.webLink },
      { meetingUUID: made.id },
    ]) {
      const info = await schedule.info(ben, { supportHostKey: true, supportCountryList: true, ...body });
      expect(info.status, JSON.stringify(body)).to.equal(200);
      expect(info.body.meetingNumber).to.equal(made.meetingNumber);
    }
  });
  it('answers what is not a meeting, or says nothing, with 404', async () => {
    for (const body of [
      {},
      { meetingKey: '2000000000' },
      { meetingKey: 7 },
      { sipUrl: 'ana@example.com' },
      { meetingUrl: 'https://meet.example.com/' },
      { meetingUUID: 'nonsense' },
      { conversationUrl: 'nonsense' },
      { userId: 'nonsense' },
      { userId: 'nobody@example.com' },
    ])
      expect((await schedule.info(ana, body)).status, JSON.stringify(body)).to.equal(404);
  });

  describe('of a room', () => {
    let conversationId: string;
    beforeEach(async () => {
      const caller = await schedule.identity.callerOfToken(ana.token);
      if (caller === undefined) throw new Error('her token is good');
      ({ id: conversationId } = await schedule.conversations.create(caller, {
        memberIds: [],
        title: 'Plans',
      }));
    });
    const infoOf = (who: Person, id: string) =>
      schedule.info(who, { conversationUrl: urls.conversation(id) });

    it('is for its members', async () => {
      const { status, body } = await infoOf(ana, conversationId);
      expect(status).to.equal(200);
      expect(body).to.include({
        conversationUrl: urls.conversation(conversationId),
        sipUrl: `room-${conversationId}@meet.trunkline`,
        isPmr: false,
      });
      expect(body).not.to.have.property('meetingNumber');
      expect((await schedule.info(ana, { sipUrl: body.sipUrl })).body).to.deep.equal(body);
    });
    it('does not exist for others, by URL or by SIP address', async () => {
      const unknown = await infoOf(ben, unknownRoom);
      const foreign = await infoOf(ben, conversationId);
      const bySip = await schedule.info(ben, { sipUrl: `room-${conversationId}@meet.trunkline` });
      expect(foreign.status).to.equal(404);
      expect(foreign.body).to.deep.equal({ ...unknown.body, ...trackingOf(foreign.body) });
      expect(bySip.body).to.deep.equal({ ...unknown.body, ...trackingOf(bySip.body) });
    });
    it('does not exist for a member who was removed', async () => {
      const caller = await schedule.identity.callerOfToken(ana.token);
      if (caller === undefined) throw new Error('her token is good');
      const submit = (verb: 'add' | 'leave') =>
        schedule.conversations.submit(caller, conversationId, {
          verb,
          object: { objectType: 'person', id: ben.id },
        });
      await submit('add');
      expect((await infoOf(ben, conversationId)).status).to.equal(200);
      await submit('leave');
      expect((await infoOf(ben, conversationId)).status).to.equal(404);
    });
  });

  describe('of a personal room', () => {
    it('is found by uuid, public id and email, and is the same room each time', async () => {
      const numbers = new Set<string | undefined>();
      for (const userId of [ana.id, encodeId('PEOPLE', ana.id), 'ana@example.com', 'ANA@example.com']) {
        const { status, body } = await schedule.info(ben, { userId, orgId: ana.org_id });
        expect(status, userId).to.equal(200);
        expect(body).to.include({ isPmr: true, owner: ana.id });
        numbers.add(body.meetingNumber);
      }
      expect(numbers.size).to.equal(1);
    });
    it('is one when it is asked for twice at once', async () => {
      const both = await Promise.all([1, 2].map(() => schedule.info(ana, { userId: ana.id })));
      expect(both[0]?.body.meetingNumber).to.equal(both[1]?.body.meetingNumber);
    });
    it('is what the preferences of its owner show', async () => {
      const { body } = await schedule.call<{
        personalMeetingRoom: { personalMeetingRoomLink: string; hostPin: string; sipAddress: string };
        sites: readonly object[];
      }>(ana, 'GET', '/v1/meetingPreferences');
      const { body: info } = await schedule.info(ana, { userId: ana.id });
      expect(body.personalMeetingRoom.personalMeetingRoomLink).to.equal(info.meetingJoinUrl);
      expect(body.personalMeetingRoom.sipAddress).to.equal(info.sipUrl);
      expect(body.personalMeetingRoom.hostPin).to.match(/^\d{6}$/);
      expect(body.sites).to.deep.equal([{ siteUrl: new URL(urls.base).host, default: true }]);
      const alone = await schedule.call(ana, 'GET', '/v1/meetingPreferences/personalMeetingRoom');
      expect(alone.body).to.deep.equal(body.personalMeetingRoom);
      const sites = await schedule.call(ana, 'GET', '/v1/meetingPreferences/sites');
      expect(sites.body).to.deep.equal({ sites: body.sites });
    });
    it('cannot be looked up by a guest who does not know the person, and guests have none', async () => {
      const guest = await schedule.guest('gail');
      const unknown = await schedule.info(guest, { userId: 'nobody@example.com' });
      for (const userId of [ana.id, 'ana@example.com', encodeId('PEOPLE', ana.id)]) {
        const { status, body } = await schedule.info(guest, { userId });
        expect(status).to.equal(404);
        expect(body.message).to.equal(unknown.body.message);
      }
      expect((await schedule.info(guest, { userId: guest.id })).status).to.equal(404);
      const { body } = await schedule.call(guest, 'GET', '/v1/meetingPreferences');
      expect(Object.keys(body)).to.deep.equal(['sites']);
      const alone = await schedule.call(guest, 'GET', '/v1/meetingPreferences/personalMeetingRoom');
      expect(alone.status).to.equal(403);
    });
  });
});

/** Each answer has its own. */
const trackingOf = (body: object): object => ('trackingId' in body ? { trackingId: body.trackingId } : {});
