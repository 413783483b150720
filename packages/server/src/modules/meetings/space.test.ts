import { expect } from 'chai';
import { type InfoAnswer, type Person, type Schedule, startSchedule, urls } from './harness.test.js';
import { spaceInstantPath } from './space-routes.js';

describe('meetings of a room', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let spaceUrl: string;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben, cleo] = await Promise.all([
      schedule.person('ana'),
      schedule.person('ben'),
      schedule.person('cleo'),
    ]);
    const caller = await schedule.identity.callerOfToken(ana.token);
    if (caller === undefined) throw new Error('her token is good');
    const { id } = await schedule.conversations.create(caller, { memberIds: [ben.id], title: 'Plans' });
    spaceUrl = urls.conversation(id);
  });
  afterEach(() => schedule.close());
  const post = (who: Person | undefined, suffix: string, more: object = {}) =>
    schedule.call<InfoAnswer>(who, 'POST', `${spaceInstantPath}${suffix}`, { spaceUrl, ...more });

  it('are started by any member, and answer what the client joins by', async () => {
    const { status, body } = await post(ben, '', {
      title: 'Plans',
      keyUrl: 'kms://x/keys/y',
      kroUrl: 'kms://x/resources/y',
      invitees: [{ email: 'ana@example.com', ciUserUuid: ana.id }],
      schedule: false,
    });
    expect(status).to.equal(200);
    expect(body.conversationUrl).to.equal(spaceUrl);
    expect((await schedule.meetings.find(body.sipUrl ?? ''))?.kind).to.equal('room');
    expect(body).not.to.have.property('meetingJoinUrl');
  });

  it('have a static link once it is enabled, until it is disabled', async () => {
    expect((await post(ana, '/query')).status).to.equal(403);
    const enabled = await post(ana, '', { schedule: true });
    expect(enabled.status).to.equal(200);
    expect(enabled.body.meetingJoinUrl).to.contain('/m/');
    expect((await post(ben, '', { schedule: true })).status).to.equal(409);
    expect((await post(ben, '/query')).body).to.deep.equal(enabled.body);
    const byLink = await schedule.info(ben, { meetingUrl: enabled.body.meetingJoinUrl });
    expect(byLink.body.conversationUrl).to.equal(spaceUrl);
    const place = await schedule.meetings.find(enabled.body.meetingNumber ?? '');
    expect(place).to.deep.include({ kind: 'room', number: enabled.body.meetingNumber });
    expect((await post(ben, '/deletePersistentMeeting')).status).to.equal(200);
    expect((await post(ana, '/query')).status).to.equal(403);
    expect((await post(ana, '/deletePersistentMeeting')).status).to.equal(403);
    expect((await schedule.info(ben, { meetingUrl: enabled.body.meetingJoinUrl })).status).to.equal(404);
  });

  it('do not exist for others, with the link or without', async () => {
    const { body } = await post(ana, '', { schedule: true });
    for (const suffix of ['', '/query', '/deletePersistentMeeting'])
      expect((await post(cleo, suffix)).status, suffix).to.equal(404);
    expect((await post(undefined, '')).status).to.equal(401);
    const byLink = await schedule.info(cleo, { meetingKey: body.meetingNumber });
    const unknown = await schedule.info(cleo, { meetingKey: '2000000000' });
    expect(byLink.status).to.equal(404);
    expect(byLink.body.message).to.equal(unknown.body.message);
    expect((await post(ana, '/query')).status).to.equal(200);
  });

  it('are refused for what is not a room', async () => {
    const made = await schedule.schedule(ana);
    for (const url of [
      '',
      'nonsense',
      made.webLink,
      urls.conversation('00000000-0000-4000-8000-000000000000'),
    ])
      expect((await post(ana, '', { spaceUrl: url })).status, url).to.equal(404);
  });
});
