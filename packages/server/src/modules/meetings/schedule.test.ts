import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { type MeetingAnswer, type Person, type Schedule, startSchedule } from './harness.test.js';

const unknownId = '00000000000040008000000000000000';
const nextOf = (link: string | undefined): string | undefined =>
  /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1];

describe('scheduled meetings', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben, cleo] = await Promise.all([
      schedule.person('ana'),
      schedule.person('ben'),
      schedule.person('cleo'),
    ]);
  });
  afterEach(() => schedule.close());

  const times = { start: '2026-01-02T09:00:00Z', end: '2026-01-02T10:00:00Z' };
  const invitesBen = { invitees: [{ email: 'Ben@example.com', displayName: 'Ben' }] };

  describe('creating', () => {
    it('answers number, link, SIP address, password and the host key of six digits', async () => {
      const body = await schedule.schedule(ana, {
        agenda: 'Plans',
        password: 'pass1',
        timezone: 'Europe/Berlin',
      });
      expect(body).to.include({
        title: 'Standup',
        agenda: 'Plans',
        password: 'pass1',
        timezone: 'Europe/Berlin',
        start: '2026-01-02T09:00:00.000Z',
        end: '2026-01-02T10:00:00.000Z',
        hostEmail: 'ana@example.com',
        hostUserId: encodeId('PEOPLE', ana.id),
        state: 'active',
        meetingType: 'meetingSeries',
      });
      expect(body.id).to.match(/^[0-9a-f]{32}$/);
      expect(body.meetingNumber).to.match(/^\d{10}$/);
      expect(body.hostKey).to.match(/^\d{6}$/);
      expect(body.webLink).to.contain(`/m/${body.meetingNumber}`).and.to.contain('MTID=');
      expect(body.sipAddress).to.match(new RegExp(`^${body.meetingNumber}@`));
    });
    it('needs a token', async () => {
      expect((await schedule.call(undefined, 'POST', '/v1/meetings', times)).status).to.equal(401);
    });
    it('refuses guests', async () => {
      const guest = await schedule.guest('gail');
      const { status } = await schedule.call(guest, 'POST', '/v1/meetings', { title: 'Mine', ...times });
      expect(status).to.equal(403);
    });
    for (const [what, body, message] of [
      ['no title', { title: '' }, 'title'],
      ['a title that is too long', { title: 'x'.repeat(129) }, 'title'],
      ['a title that is an object', { title: {} }, 'title must be a text'],
      ['no start', { start: undefined }, 'start and end'],
      ['a start that is not a date', { start: 'tomorrow' }, 'start must be a date'],
      ['an end before its start', { end: '2026-01-02T08:00:00Z' }, 'end must be after start'],
      ['more than 24 hours', { end: '2026-01-04T09:00:00Z' }, '24 hours'],
      ['a timezone that does not exist', { timezone: 'Mars/Olympus' }, 'timezone'],
      ['a password that is too long', { password: 'x'.repeat(61) }, 'password'],
      ['an agenda that is too long', { agenda: 'x'.repeat(1_301) }, 'agenda'],
      ['an invitee without an email', { invitees: [{ displayName: 'Ben' }] }, 'email'],
      ['an invitee with half an email', { invitees: [{ email: 'ben@' }] }, 'email'],
      ['invitees that are not a list', { invitees: 'ben@example.com' }, 'invitees'],
      [
        'too many invitees',
        { invitees: Array.from({ length: 1_001 }, (_, at) => ({ email: `p${String(at)}@example.com` })) },
        '1000 invitees',
      ],
    ] as const)
      it(`refuses ${what}`, async () => {
        const { status, body: answer } = await schedule.call(ana, 'POST', '/v1/meetings', {
          title: 'Standup',
          ...times,
          ...body,
        });
        expect(status).to.equal(400);
        expect(answer.message).to.contain(message);
        expect((await schedule.call(ana, 'GET', '/v1/meetings')).body.items).to.deep.equal([]);
      });
  });

  describe('listing', () => {
    it('brings those that the caller owns or is invited to, in the order of their start, page by page', async () => {
      const titles = ['one', 'two', 'three', 'four', 'five'];
      for (const [at, title] of [...titles.entries()].reverse())
        await schedule.schedule(at % 2 === 0 ? ana : ben, {
          title,
          start: `2026-01-0${String(at + 2)}T09:00:00Z`,
          end: `2026-01-0${String(at + 2)}T10:00:00Z`,
          invitees: [{ email: 'ana@example.com' }],
        });
      await schedule.schedule(cleo, { title: 'hers alone' });
      const found: string[][] = [];
      let url: string | undefined = '/v1/meetings?max=2';
      while (url !== undefined) {
        const { body, headers, status } = await schedule.call(ana, 'GET', url);
        expect(status).to.equal(200);
        found.push((body.items ?? []).map(({ title }) => title));
        url = nextOf(headers['link']);
      }
      expect(found).to.deep.equal([['one', 'two'], ['three', 'four'], ['five']]);
    });
    it('goes on where meetings start at the same time', async () => {
      for (let at = 0; at < 5; at += 1) await schedule.schedule(ana, { title: `same ${String(at)}` });
      const found = new Set<string>();
      let url: string | undefined = '/v1/meetings?max=2';
      while (url !== undefined) {
        const { body, headers } = await schedule.call(ana, 'GET', url);
        for (const { id } of body.items ?? []) found.add(id);
        url = nextOf(headers['link']);
      }
      expect(found.size).to.equal(5);
    });
    it('refuses the cursor of another person', async () => {
      for (let at = 0; at < 2; at += 1) await schedule.schedule(ana);
      const { headers } = await schedule.call(ana, 'GET', '/v1/meetings?max=1');
      const next = nextOf(headers['link']) ?? '';
      expect((await schedule.call(ben, 'GET', next)).status).to.equal(400);
    });
    it('filters by time and by number', async () => {
      const early = await schedule.schedule(ana, { title: 'early' });
      await schedule.schedule(ana, {
        title: 'late',
        start: '2026-02-02T09:00:00Z',
        end: '2026-02-02T10:00:00Z',
      });
      const titles = async (query: string): Promise<readonly string[]> =>
        ((await schedule.call(ana, 'GET', `/v1/meetings?${query}`)).body.items ?? []).map(
          ({ title }) => title,
        );
      expect(await titles('from=2026-01-15T00:00:00Z')).to.deep.equal(['late']);
      expect(await titles('to=2026-01-15T00:00:00Z')).to.deep.equal(['early']);
      expect(await titles('from=2026-01-02T09:30:00Z&to=2026-01-02T09:40:00Z')).to.deep.equal(['early']);
      expect(await titles(`meetingNumber=${early.meetingNumber}`)).to.deep.equal(['early']);
      expect(await titles('meetingNumber=')).to.deep.equal(['early', 'late']);
      expect((await schedule.call(ana, 'GET', '/v1/meetings?from=now')).status).to.equal(400);
      expect((await schedule.call(ana, 'GET', '/v1/meetings?max=0')).status).to.equal(400);
    });
    it('leaves personal rooms out', async () => {
      await schedule.call(ana, 'GET', '/v1/meetingPreferences');
      expect((await schedule.call(ana, 'GET', '/v1/meetings')).body.items).to.deep.equal([]);
    });
  });

  describe('reading', () => {
    it('shows an invitee everything but the host key', async () => {
      const made = await schedule.schedule(ana, { password: 'pass1', ...invitesBen });
      const { body } = await schedule.call(ben, 'GET', `/v1/meetings/${made.id}`);
      expect(body).to.include({ id: made.id, password: 'pass1', title: 'Standup' });
      expect(body).not.to.have.property('hostKey');
    });
    it('takes an id with hyphens, too', async () => {
      const { id } = await schedule.schedule(ana);
      const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      expect((await schedule.call(ana, 'GET', `/v1/meetings/${uuid}`)).body.id).to.equal(id);
    });
    it('answers others as if it did not exist, whatever they do', async () => {
      const { id } = await schedule.schedule(ana, invitesBen);
      const change = { title: 'Taken', ...times };
      for (const [method, body] of [
        ['GET', undefined],
        ['PUT', change],
        ['PATCH', change],
        ['DELETE', undefined],
      ] as const) {
        const foreign = await schedule.call(cleo, method, `/v1/meetings/${id}`, body);
        const unknown = await schedule.call(cleo, method, `/v1/meetings/${unknownId}`, body);
        expect(foreign.status, method).to.equal(404);
        expect(foreign.body.message, method).to.equal(unknown.body.message);
        if (method !== 'GET')
          expect((await schedule.call(ben, method, `/v1/meetings/${id}`, body)).status).to.equal(404);
      }
      expect((await schedule.call(ana, 'GET', `/v1/meetings/${id}`)).body.title).to.equal('Standup');
      expect((await schedule.call(ana, 'GET', '/v1/meetings/nonsense')).status).to.equal(404);
    });
    it('does not show a personal room as a scheduled meeting', async () => {
      await schedule.call(ana, 'GET', '/v1/meetingPreferences');
      const row = await schedule.store.db.selectFrom('meeting_places').selectAll().executeTakeFirstOrThrow();
      expect((await schedule.call(ana, 'GET', `/v1/meetings/${row.id}`)).status).to.equal(404);
    });
  });

  describe('changing', () => {
    const read = async (who: Person, id: string): Promise<MeetingAnswer> =>
      (await schedule.call(who, 'GET', `/v1/meetings/${id}`)).body;

    it('replaces by PUT, which needs title, start and end', async () => {
      const { id } = await schedule.schedule(ana);
      const { status, body } = await schedule.call(ana, 'PUT', `/v1/meetings/${id}`, {
        title: 'Retro',
        start: '2026-01-03T09:00:00Z',
        end: '2026-01-03T10:00:00Z',
      });
      expect(status).to.equal(200);
      expect(body).to.include({ title: 'Retro', start: '2026-01-03T09:00:00.000Z' });
      expect(await read(ana, id)).to.deep.equal(body);
      for (const missing of [{ title: undefined }, { start: undefined }, { end: undefined }]) {
        const refused = await schedule.call(ana, 'PUT', `/v1/meetings/${id}`, {
          title: 'Retro',
          ...times,
          ...missing,
        });
        expect(refused.status).to.equal(400);
      }
    });
    it('changes single fields by PATCH, and keeps number, link and host key', async () => {
      const made = await schedule.schedule(ana, { password: 'pass1' });
      await schedule.call(ana, 'PATCH', `/v1/meetings/${made.id}`, { title: 'Retro' });
      expect(await read(ana, made.id)).to.deep.equal({ ...made, title: 'Retro' });
      await schedule.call(ana, 'PATCH', `/v1/meetings/${made.id}`, { end: '2026-01-02T11:00:00Z' });
      expect((await read(ana, made.id)).end).to.equal('2026-01-02T11:00:00.000Z');
      const late = await schedule.call(ana, 'PATCH', `/v1/meetings/${made.id}`, {
        start: '2026-01-02T12:00:00Z',
      });
      expect(late.status).to.equal(400);
    });
    it('sets, changes and removes the password', async () => {
      const { id } = await schedule.schedule(ana);
      expect(await read(ana, id)).not.to.have.property('password');
      await schedule.call(ana, 'PATCH', `/v1/meetings/${id}`, { password: '0042' });
      expect((await read(ana, id)).password).to.equal('0042');
      await schedule.call(ana, 'PATCH', `/v1/meetings/${id}`, { password: '' });
      expect(await read(ana, id)).not.to.have.property('password');
    });
    it('replaces the invitees when they are given', async () => {
      const { id } = await schedule.schedule(ana, invitesBen);
      await schedule.call(ana, 'PATCH', `/v1/meetings/${id}`, { invitees: [{ email: 'cleo@example.com' }] });
      expect((await schedule.call(ben, 'GET', `/v1/meetings/${id}`)).status).to.equal(404);
      expect((await schedule.call(cleo, 'GET', `/v1/meetings/${id}`)).status).to.equal(200);
      await schedule.call(ana, 'PATCH', `/v1/meetings/${id}`, { title: 'Retro' });
      expect((await schedule.call(cleo, 'GET', `/v1/meetings/${id}`)).status).to.equal(200);
    });
    it('keeps secrets out of the store', async () => {
      const made = await schedule.schedule(ana, { password: 'hunter22' });
      const row = await schedule.store.db.selectFrom('meeting_places').selectAll().executeTakeFirstOrThrow();
      expect(Buffer.from(row.password ?? []).toString('latin1')).not.to.contain('hunter22');
      expect(Buffer.from(row.host_key).toString('latin1')).not.to.contain(made.hostKey);
    });
    it('deletes the meeting with its invitees', async () => {
      const { id } = await schedule.schedule(ana, invitesBen);
      expect((await schedule.call(ana, 'DELETE', `/v1/meetings/${id}`)).status).to.equal(204);
      expect((await schedule.call(ana, 'GET', `/v1/meetings/${id}`)).status).to.equal(404);
      expect((await schedule.call(ben, 'GET', '/v1/meetings')).body.items).to.deep.equal([]);
      expect(await schedule.store.db.selectFrom('meeting_invitees').selectAll().execute()).to.deep.equal([]);
    });
  });
});
