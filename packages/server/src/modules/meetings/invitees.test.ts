import { expect } from 'chai';
import { type Person, type Schedule, startSchedule } from './harness.test.js';

interface Invitee {
  readonly id: string;
  readonly meetingId: string;
  readonly email: string;
  readonly displayName: string;
  readonly coHost: boolean;
}
const base = '/v1/meetingInvitees';
const unknownId = '00000000000040008000000000000000';

describe('invitees of a meeting', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let meetingId: string;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben] = await Promise.all([schedule.person('ana'), schedule.person('ben')]);
    ({ id: meetingId } = await schedule.schedule(ana));
  });
  afterEach(() => schedule.close());

  const invite = (more: object = {}, who: Person = ana) =>
    schedule.call<Invitee & { message?: string }>(who, 'POST', base, {
      meetingId,
      email: 'Ben@Example.com',
      ...more,
    });
  const list = async (): Promise<readonly Invitee[]> =>
    (await schedule.call<{ items: readonly Invitee[] }>(ana, 'GET', `${base}?meetingId=${meetingId}`)).body
      .items;

  it('are added, read, changed and removed by the host', async () => {
    const { status, body } = await invite({ displayName: 'Ben', coHost: true });
    expect(status).to.equal(200);
    expect(body).to.include({ meetingId, email: 'ben@example.com', displayName: 'Ben', coHost: true });
    expect((await schedule.call<Invitee>(ana, 'GET', `${base}/${body.id}`)).body).to.deep.equal(body);
    const changed = await schedule.call<Invitee>(ana, 'PUT', `${base}/${body.id}`, {
      email: 'ben@example.com',
      displayName: 'Benjamin',
      coHost: false,
    });
    expect(changed.status).to.equal(200);
    expect(await list()).to.deep.equal([{ ...body, displayName: 'Benjamin', coHost: false }]);
    expect((await schedule.call(ana, 'DELETE', `${base}/${body.id}`)).status).to.equal(204);
    expect(await list()).to.deep.equal([]);
    expect((await schedule.call(ben, 'GET', `/v1/meetings/${meetingId}`)).status).to.equal(404);
  });
  it('are on the list once, whatever the case of their address', async () => {
    const first = await invite();
    const again = await invite({ email: 'BEN@example.com', displayName: 'Again' });
    expect(again.body.id).to.equal(first.body.id);
    expect(await list()).to.have.length(1);
  });
  it('keep their row when the address of one is changed to that of another', async () => {
    await invite();
    const other = await invite({ email: 'cleo@example.com' });
    const { status } = await schedule.call(ana, 'PUT', `${base}/${other.body.id}`, {
      email: 'ben@example.com',
    });
    expect(status).to.equal(409);
    expect((await list()).map(({ email }) => email)).to.deep.equal(['ben@example.com', 'cleo@example.com']);
  });
  it('are refused without an address, and with half a one', async () => {
    for (const email of ['', 'ben', 'ben@', `${'x'.repeat(65)}@example.com`]) {
      expect((await invite({ email })).status, email).to.equal(400);
    }
    expect(await list()).to.deep.equal([]);
  });
  it('do not exist for anybody but the host, not even for themselves', async () => {
    const { body } = await invite();
    const asks = [
      ['GET', `${base}?meetingId=${meetingId}`, `${base}?meetingId=${unknownId}`, undefined],
      ['GET', `${base}/${body.id}`, `${base}/${unknownId}`, undefined],
      ['PUT', `${base}/${body.id}`, `${base}/${unknownId}`, { email: 'x@example.com', coHost: true }],
      ['DELETE', `${base}/${body.id}`, `${base}/${unknownId}`, undefined],
    ] as const;
    for (const [method, theirs, nobodys, payload] of asks) {
      const foreign = await schedule.call(ben, method, theirs, payload);
      const unknown = await schedule.call(ben, method, nobodys, payload);
      expect(foreign.status, `${method} ${theirs}`).to.equal(404);
      expect(foreign.body.message).to.equal(unknown.body.message);
    }
    expect((await invite({ email: 'x@example.com' }, ben)).status).to.equal(404);
    expect(await list()).to.deep.equal([body]);
  });
});
