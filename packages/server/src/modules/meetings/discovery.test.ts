import { expect } from 'chai';
import { type Person, type Schedule, startSchedule, urls } from './harness.test.js';

const claimUrl = `${urls.service('hecate')}/cmrmeetings/claim`;
const clustersUrl = `${urls.service('calliopeDiscovery')}/clusters`;

describe('around meetings', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben] = await Promise.all([schedule.person('ana'), schedule.person('ben')]);
  });
  afterEach(() => schedule.close());

  describe('the claim of a personal room', () => {
    interface Preferences {
      readonly personalMeetingRoom: { readonly hostPin: string; readonly sipAddress: string };
    }
    const roomOf = async (who: Person): Promise<Preferences['personalMeetingRoom']> =>
      (await schedule.call<Preferences>(who, 'GET', '/v1/meetingPreferences')).body.personalMeetingRoom;
    const claim = (who: Person, body: object) =>
      schedule.call<{ owner: string }>(who, 'POST', claimUrl, body);

    it('answers the caller’s own room', async () => {
      const { hostPin, sipAddress } = await roomOf(ana);
      const { status, body } = await claim(ana, {
        userId: ana.id,
        passcode: hostPin,
        preferred: true,
        meetingAddress: sipAddress,
      });
      expect(status).to.equal(200);
      expect(body).to.include({ sipMeetingUri: sipAddress, owner: ana.id });
      expect(body).to.have.property('webExMeetingLink').that.contains('/m/');
    });
    it('refuses the room of another person, another passcode and what is not a room, all alike', async () => {
      const { hostPin, sipAddress } = await roomOf(ana);
      const own = await roomOf(ben);
      const refusals = [
        await claim(ben, { userId: ben.id, passcode: hostPin, meetingAddress: sipAddress }),
        await claim(ben, { userId: ben.id, passcode: '000000', meetingAddress: own.sipAddress }),
        await claim(ben, { userId: ana.id, passcode: own.hostPin, meetingAddress: own.sipAddress }),
        await claim(ben, { userId: ben.id, passcode: hostPin, meetingAddress: 'nobody@example.com' }),
        await claim(ben, {}),
      ];
      expect(refusals.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403, 403]);
      expect(new Set(refusals.map(({ body }) => (body as { message?: string }).message)).size).to.equal(1);
      const late = await claim(ben, {
        userId: ben.id,
        passcode: own.hostPin,
        meetingAddress: own.sipAddress,
      });
      expect(late.status).to.equal(429);
      schedule.tick(15 * 60_000);
      const again = await claim(ben, {
        userId: ben.id,
        passcode: own.hostPin,
        meetingAddress: own.sipAddress,
      });
      expect(again.status).to.equal(200);
    });
  });

  it('lists no media clusters, which ends the test of reachability at once', async () => {
    for (const method of ['GET', 'POST'] as const) {
      const { status, body } = await schedule.call<object>(
        ana,
        method,
        clustersUrl,
        method === 'POST' ? { ipver: 1, trigger: 'startup' } : undefined,
      );
      expect(status).to.equal(200);
      expect(body).to.deep.include({ clusters: {} });
      expect(body).to.have.nested.property('discoveryOptions.report-version', 1);
      expect((await schedule.call(undefined, method, clustersUrl)).status).to.equal(401);
    }
  });

  describe('the page of a meeting link', () => {
    const page = async (url: string) => {
      const { status, type, body } = await schedule.fetchRaw(url);
      return { status, type, text: body.toString() };
    };
    it('says what to do, without a token and without a script', async () => {
      const made = await schedule.schedule(ana, { title: 'Secret plans' });
      const { status, type, text } = await page(made.webLink);
      expect(status).to.equal(200);
      expect(type).to.contain('text/html');
      expect(text).to.contain(`/m/${made.meetingNumber}`).and.to.contain('Join a meeting');
      expect(text).not.to.contain('Secret plans').and.not.to.contain('<script');
    });
    it('is the same for a number that no meeting has', async () => {
      const made = await schedule.schedule(ana);
      const unknown = String(Number(made.meetingNumber) === 2_000_000_000 ? 2_000_000_001 : 2_000_000_000);
      const grouped = (number: string): string => number.replace(/(\d{4})(\d{3})(\d{3})/, '$1 $2 $3');
      const existing = (await page(`/m/${made.meetingNumber}`)).text;
      const missing = (await page(`/m/${unknown}`)).text;
      expect(
        existing.replaceAll(made.meetingNumber, '#').replace(grouped(made.meetingNumber), '##'),
      ).to.equal(missing.replaceAll(unknown, '#').replace(grouped(unknown), '##'));
    });
    it('does not exist for anything but a number', async () => {
      for (const given of ['abc', '12345', '1'.repeat(16), '%3Cb%3E'])
        expect((await page(`/m/${given}`)).status, given).to.equal(404);
    });
  });
});
