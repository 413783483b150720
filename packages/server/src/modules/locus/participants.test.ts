import { expect } from 'chai';
import { startMeetings, type Attendee } from './harness.test.js';

interface Shown {
  readonly displayName: string;
  readonly email: string;
  readonly host: boolean;
  readonly coHost: boolean;
  readonly muted: boolean;
  readonly video: string;
  readonly state: string;
  readonly joinedTime: string;
  readonly devices: readonly object[];
}
const meetingId = '6f9619ff8b864011b42d00c04fc964ff';
const base = '/v1/meetingParticipants';

describe('participants of a meeting, by REST', () => {
  let meetings: Awaited<ReturnType<typeof startMeetings>>;
  let ana: Attendee;
  let ben: Attendee;
  let cleo: Attendee;
  beforeEach(async () => {
    meetings = await startMeetings();
    [ana, ben, cleo] = await Promise.all([
      meetings.person('ana'),
      meetings.person('ben'),
      meetings.person('cleo'),
    ]);
    meetings.place(ana, { waits: [cleo.id] });
  });
  afterEach(() => meetings.close());
  const join = (who: Attendee) => meetings.join(who, '25540000001@meet.example.com');
  const list = (who: Attendee, query = `meetingId=${meetingId}`) =>
    meetings.call<{ items: readonly Shown[] }>(who, 'GET', `${base}?${query}`);

  it('are an empty list before it begins', async () => {
    expect((await list(ana)).body.items).to.deep.equal([]);
  });
  it('are shown to the host with what they do', async () => {
    for (const who of [ana, ben, cleo]) await join(who);
    const { status, body } = await list(ana);
    expect(status).to.equal(200);
    expect(body.items.map(({ displayName, state, host }) => [displayName, state, host])).to.deep.equal([
      ['ana', 'joined', true],
      ['ben', 'joined', false],
      ['cleo', 'lobby', false],
    ]);
    expect(body.items[1]).to.deep.include({
      email: 'ben@example.com',
      coHost: false,
      muted: false,
      video: 'on',
      joinedTime: '2026-01-01T09:00:00.000Z',
      devices: [{ deviceType: 'WEB', correlationId: 'of ben', joinedTime: '2026-01-01T09:00:00.000Z' }],
    });
  });
  it('stay on the list when they have left, and those who were only called are not on it', async () => {
    const { body } = await join(ana);
    const bens = (await join(ben)).body.locus;
    await meetings.call(ana, 'PUT', body.locus.url, { invitees: [{ address: 'cleo@example.com' }] });
    await meetings.call(
      ben,
      'PUT',
      `${bens.url}/participant/${bens.self?.id ?? ''}/leave`,
      meetings.joinBody(ben),
    );
    const { items } = (await list(ana)).body;
    expect(items.map(({ displayName, state }) => [displayName, state])).to.deep.equal([
      ['ana', 'joined'],
      ['ben', 'end'],
    ]);
  });
  it('come in pages', async () => {
    for (const who of [ana, ben, cleo]) await join(who);
    const first = await list(ana, `meetingId=${meetingId}&max=2`);
    expect(first.body.items.map(({ displayName }) => displayName)).to.deep.equal(['ana', 'ben']);
    const next = /<([^>]+)>; rel="next"/.exec(first.link ?? '')?.[1] ?? '';
    const second = await meetings.call<{ items: readonly Shown[] }>(ana, 'GET', next);
    expect(second.body.items.map(({ displayName }) => displayName)).to.deep.equal(['cleo']);
    expect(second.link).to.equal(undefined);
  });
  it('are for the host alone: others get what an unknown meeting gets', async () => {
    await join(ana);
    await join(ben);
    for (const who of [ben, cleo]) {
      const foreign = await list(who);
      const unknown = await list(who, 'meetingId=00000000000040008000000000000000');
      expect(foreign.status).to.equal(404);
      expect(foreign.body.message).to.equal(unknown.body.message);
    }
    expect((await list(ana, '')).status).to.equal(404);
    expect((await list(ana, 'meetingId=nonsense')).status).to.equal(404);
  });
});

describe('meeting info of a meeting that is held', () => {
  it('is for those who are or were in it', async () => {
    const meetings = await startMeetings();
    try {
      const [ana, cleo] = [await meetings.person('ana'), await meetings.person('cleo')];
      meetings.place(ana);
      const { locus } = (await meetings.join(ana, '25540000001@meet.example.com')).body;
      const own = await meetings.call<{ meetingName: string }>(ana, 'PUT', `${locus.url}/meetingInfo`, {});
      expect(own.body.meetingName).to.equal('Standup');
      expect((await meetings.call(cleo, 'PUT', `${locus.url}/meetingInfo`, {})).status).to.equal(404);
      const call = await meetings.join(ana, 'cleo@example.com');
      expect((await meetings.call(ana, 'PUT', `${call.body.locus.url}/meetingInfo`, {})).status).to.equal(
        404,
      );
    } finally {
      await meetings.close();
    }
  });
});
