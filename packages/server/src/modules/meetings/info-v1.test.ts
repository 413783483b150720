import { expect } from 'chai';
import {
  type InfoAnswer,
  type MeetingAnswer,
  type Person,
  type Schedule,
  startSchedule,
  urls,
} from './harness.test.js';

const loci = `${urls.service('locus')}/loci/meetingInfo`;
const options = 'useUriLookup=false&alternateRedirect=true';

describe('meeting info of older clients', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let made: MeetingAnswer;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben] = await Promise.all([schedule.person('ana'), schedule.person('ben')]);
    made = await schedule.schedule(ana, { password: 'pass1' });
  });
  afterEach(() => schedule.close());
  const get = (who: Person | undefined, value: string, type: string) =>
    schedule.call<InfoAnswer>(who, 'GET', `${loci}/${encodeURIComponent(value)}?type=${type}&${options}`);

  it('is found by SIP address, number and personal room', async () => {
    const { body: room } = await schedule.info(ana, { userId: ana.id });
    for (const [value, type, number] of [
      [made.sipAddress, 'SIP_URI', made.meetingNumber],
      [`sip:${made.sipAddress}`, 'SIP_URI', made.meetingNumber],
      [made.meetingNumber, 'MEETING_ID', made.meetingNumber],
      [ana.email, 'PERSONAL_ROOM', room.meetingNumber],
      [ana.id, 'PERSONAL_ROOM', room.meetingNumber],
      [room.sipUrl ?? '', 'PERSONAL_ROOM', room.meetingNumber],
    ] as const) {
      const { status, body } = await get(ana, value, type);
      expect(status, `${type} ${value}`).to.equal(200);
      expect(body.meetingNumber).to.equal(number);
    }
  });
  it('is found by a link in base64, below a path with a stray character, whatever its slashes', async () => {
    // the first of these has a slash in base64
    for (const link of [`${made.webLink}&x=???>>>`, made.webLink]) {
      const value = Buffer.from(link).toString('base64');
      const path = loci.replace('/loci/', '/$/loci/');
      const { status, body } = await schedule.call<InfoAnswer>(
        ana,
        'GET',
        `${path}/${value}?type=MEETING_LINK&${options}`,
      );
      expect(status, value).to.equal(200);
      expect(body.meetingJoinUrl).to.equal(made.webLink);
    }
  });
  it('is found by the URL of a conversation, for its members', async () => {
    const caller = await schedule.identity.callerOfToken(ana.token);
    if (caller === undefined) throw new Error('her token is good');
    const { id } = await schedule.conversations.create(caller, { memberIds: [], title: 'Plans' });
    const body = { value: urls.conversation(id), lookupType: 'CONVERSATION_URL' };
    const own = await schedule.call<InfoAnswer>(ana, 'PUT', `${loci}?alternateRedirect=true`, body);
    expect(own.body.conversationUrl).to.equal(urls.conversation(id));
    expect((await schedule.call(ben, 'PUT', loci, body)).status).to.equal(404);
  });
  it('says no more than the way to a meeting whose password the caller has not shown', async () => {
    const own = await get(ana, made.meetingNumber, 'MEETING_ID');
    expect(own.body.meetingName).to.equal('Standup');
    const { body } = await get(ben, made.meetingNumber, 'MEETING_ID');
    expect(body).to.include({ sipUrl: made.sipAddress, meetingNumber: made.meetingNumber });
    expect(body).not.to.have.any.keys('meetingName', 'owner', 'permissionToken');
  });
  it('is refused without a token, and 404 for what is not there', async () => {
    expect((await get(undefined, made.meetingNumber, 'MEETING_ID')).status).to.equal(401);
    for (const [value, type] of [
      ['2000000000', 'MEETING_ID'],
      ['nobody@example.com', 'PERSONAL_ROOM'],
      ['%%%', 'MEETING_LINK'],
      ['ana@example.com', 'SIP_URI'],
    ] as const)
      expect((await get(ana, value, type)).status, value).to.equal(404);
    expect((await schedule.call(ana, 'PUT', loci, {})).status).to.equal(404);
  });
});
