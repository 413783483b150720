import { expect } from 'chai';
import { isLocusDelta, locusActionFor, type Locus, type LocusParticipant } from '@trunkline/wire';
import { otherDevice, startMeetings, type Attendee } from './harness.test.js';

type Meetings = Awaited<ReturnType<typeof startMeetings>>;

describe('meetings that are held', () => {
  let meetings: Meetings;
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
  });
  afterEach(() => meetings.close());

  const started = async (more: Parameters<Meetings['place']>[1] = {}): Promise<Locus> => {
    const { sipAddress } = meetings.place(ana, more);
    return (await meetings.join(ana, sipAddress)).body.locus;
  };
  const joins = async (who: Attendee): Promise<Locus> =>
    (await meetings.join(who, '25540000001@meet.example.com')).body.locus;
  const seen = (locus: Locus, who: Attendee): LocusParticipant | undefined =>
    locus.participants.find(({ identity }) => identity === who.id);
  const selfUrl = ({ url, self }: Locus): string => `${url}/participant/${String(self?.id)}`;
  const leave = (who: Attendee, locus: Locus) =>
    meetings.call(who, 'PUT', `${selfUrl(locus)}/leave`, meetings.joinBody(who));

  describe('joining', () => {
    it('creates the meeting for the first one and answers the shapes that clients need', async () => {
      const { sipAddress } = meetings.place(ana);
      const { status, body } = await meetings.join(ana, sipAddress);
      expect(status).to.equal(200);
      expect(body.mediaConnections[0]?.mediaId).to.match(/^[0-9a-f-]{36}$/);
      const { locus } = body;
      expect(locus.fullState).to.include({ active: true, state: 'ACTIVE', type: 'MEETING', count: 1 });
      expect(locus.self).to.include({ identity: ana.id, state: 'JOINED', moderator: true });
      expect(locus.self?.devices[0]).to.include({
        url: ana.device,
        state: 'JOINED',
        correlationId: 'of ana',
      });
      expect(locus.mediaShares.map(({ name }) => name)).to.deep.equal(['content', 'whiteboard']);
      expect(locus.sequence).to.deep.equal({ entries: [1], rangeStart: 0, rangeEnd: 0 });
    });
    it('brings the second one into the same meeting, and notifies the first one by a delta that follows on', async () => {
      const locus = await started();
      const second = await joins(ben);
      expect(second.url).to.equal(locus.url);
      const frame = meetings.last(ana);
      expect(frame?.eventType).to.equal('locus.difference');
      const delta = frame?.locus;
      if (delta === undefined || !isLocusDelta(delta)) throw new Error('a delta was expected');
      expect(locusActionFor(locus, delta)).to.equal('apply');
      expect(delta.participants?.map(({ identity }) => identity)).to.deep.equal([ben.id]);
    });
    it('refuses a device of another user, and one that is not registered', async () => {
      const { sipAddress } = meetings.place(ana);
      for (const device of [ben.device, otherDevice(), 'nonsense']) {
        const { status } = await meetings.join({ ...ana, device }, sipAddress);
        expect(status).to.equal(400);
      }
    });
    it('answers an address that no one has with 404', async () => {
      expect((await meetings.join(ana, 'no one@example.com')).status).to.equal(404);
      expect((await meetings.join(ana, '')).status).to.equal(400);
    });
    it('answers a TURN discovery that comes with the join', async () => {
      const { sipAddress } = meetings.place(ana);
      const localSdp = JSON.stringify({ roapMessage: { messageType: 'TURN_DISCOVERY_REQUEST', seq: 0 } });
      const { body } = await meetings.join(ana, sipAddress, { localMedias: [{ localSdp }] });
      const said = JSON.parse(body.mediaConnections[0]?.remoteSdp ?? '{}') as {
        roapMessage?: { messageType: string; headers: string[] };
      };
      expect(said.roapMessage?.messageType).to.equal('TURN_DISCOVERY_RESPONSE');
      expect(said.roapMessage?.headers).to.include('x-cisco-turn-url=');
    });
  });

  describe('for outsiders', () => {
    it('does not exist, whatever they ask', async () => {
      const { url } = await started();
      const asks = [
        ['GET', url],
        ['GET', `${url}/sync`],
        ['PUT', url],
        ['PATCH', `${url}/controls`],
        ['POST', `${url}/end`],
        ['POST', `${url}/participant`],
        ['PUT', `${url}/mediashares/content`],
        ['POST', `${url}/reactions`],
      ] as const;
      for (const [method, where] of asks) {
        const foreign = await meetings.call(cleo, method, where, method === 'GET' ? undefined : {});
        const unknown = await meetings.call(
          cleo,
          method,
          where.replace(/loci\/[0-9a-f-]{36}/, 'loci/00000000-0000-4000-8000-000000000000'),
          method === 'GET' ? undefined : {},
        );
        expect(foreign.status, `${method} ${where}`).to.equal(404);
        expect(foreign.body.message).to.equal(unknown.body.message);
      }
    });
  });

  describe('in the lobby', () => {
    it('shows nothing but oneself until a moderator admits', async () => {
      const locus = await started({ waits: [ben.id] });
      const waiting = await joins(ben);
      expect(waiting.self?.state).to.equal('IDLE');
      expect(waiting.self?.devices[0]?.intent?.type).to.equal('WAIT');
      expect(waiting.self?.devices[0]?.keepAliveUrl).to.be.a('string');
      expect(waiting.participants.map(({ identity }) => identity)).to.deep.equal([ben.id]);
      expect(waiting.fullState.count).to.equal(0);
      expect(waiting.mediaShares).to.deep.equal([]);

      const id = waiting.self?.id;
      const byBen = await meetings.call(ben, 'PUT', `${locus.url}/controls`, {
        admit: { participantIds: [id] },
      });
      expect(byBen.status).to.equal(403);
      const admitted = await meetings.call(ana, 'PUT', `${locus.url}/controls`, {
        admit: { participantIds: [id] },
      });
      expect(seen(admitted.body.locus, ben)?.state).to.equal('JOINED');
      const frame = meetings.last(ben)?.locus as Locus;
      expect(frame.self?.state).to.equal('JOINED');
      expect(frame.participants).to.have.length(2);
    });
    it('comes into sight of a participant who becomes a co-host, though nothing about the lobby changed', async () => {
      const locus = await started({ waits: [cleo.id] });
      const bens = await joins(ben);
      await joins(cleo);
      const { body } = await meetings.call<Locus>(ben, 'GET', bens.url);
      expect(seen(body, cleo)).to.equal(undefined);
      await meetings.call(ana, 'PATCH', `${selfUrl(bens)}/controls`, {
        role: { roles: [{ type: 'COHOST', hasRole: true }] },
      });
      const delta = meetings.last(ben)?.locus;
      if (delta === undefined || !isLocusDelta(delta)) throw new Error('a delta was expected');
      expect(delta.participants?.map(({ identity }) => identity)).to.have.members([ben.id, cleo.id]);
      expect(locus.url).to.equal(delta.url);
    });
    it('refuses media, and hides who waits from those who are in without being moderators', async () => {
      await started({ waits: [ben.id] });
      const cleos = await joins(cleo);
      const waiting = await joins(ben);
      const { body } = await meetings.call<Locus>(cleo, 'GET', cleos.url);
      expect(seen(body, ben)).to.equal(undefined);
      const localSdp = JSON.stringify({ roapMessage: { messageType: 'OFFER', seq: 1, sdps: ['v=0'] } });
      const { status } = await meetings.call(ben, 'PUT', `${selfUrl(waiting)}/media`, {
        ...meetings.joinBody(ben),
        localMedias: [{ mediaId: 'm', localSdp }],
      });
      expect(status).to.equal(409);
    });
    it('is where people arrive once the meeting is locked, but not those who were in', async () => {
      const locus = await started();
      const bens = await joins(ben);
      await meetings.call(ana, 'PATCH', `${locus.url}/controls`, { lock: { locked: true } });
      expect((await joins(cleo)).self?.state).to.equal('IDLE');
      expect((await joins(ben)).self?.state).to.equal('JOINED');
      expect(bens.self?.state).to.equal('JOINED');
    });
  });

  describe('1:1 calls', () => {
    const ring = async (): Promise<Locus> => (await meetings.join(ana, 'ben@example.com')).body.locus;
    it('ring at the callee, who sees who calls', async () => {
      const locus = await ring();
      expect(locus.fullState.type).to.equal('CALL');
      expect(seen(locus, ben)?.state).to.equal('NOTIFIED');
      const frame = meetings.last(ben);
      expect(frame?.locus?.participants?.map(({ identity }) => identity)).to.have.members([ana.id, ben.id]);
    });
    it('are answered by joining the same URL', async () => {
      const { url } = await ring();
      const { body } = await meetings.call(ben, 'POST', `${url}/participant`, meetings.joinBody(ben));
      expect(body.locus.self?.state).to.equal('JOINED');
      const frame = meetings.last(ana);
      expect(frame?.eventType).to.equal('locus.participant_joined');
    });
    it('are declined with a reason', async () => {
      const { url } = await ring();
      const { status } = await meetings.call(ben, 'PUT', `${url}/participant/decline`, {
        ...meetings.joinBody(ben),
        reason: 'BUSY',
      });
      expect(status).to.equal(200);
      const frame = meetings.last(ana);
      expect(frame?.eventType).to.equal('locus.participant_declined');
      expect(seen(frame?.locus as Locus, ben)).to.include({ state: 'DECLINED', reason: 'BUSY' });
    });
    it('are one call when both call each other', async () => {
      const { url } = await ring();
      const { body } = await meetings.join(ben, 'ana@example.com');
      expect(body.locus.url).to.equal(url);
      expect(body.locus.fullState.count).to.equal(2);
    });
    it('end when the caller gives up, and the callee is notified', async () => {
      const locus = await ring();
      const { body } = await leave(ana, locus);
      expect(body.locus.fullState).to.include({ active: false, state: 'INACTIVE' });
      expect((meetings.last(ben)?.locus as Locus).fullState.state).to.equal('INACTIVE');
    });
  });

  describe('leaving', () => {
    it('notifies the others, and the last one ends it', async () => {
      const locus = await started();
      const bens = await joins(ben);
      await leave(ana, locus);
      const frame = meetings.last(ben);
      expect(frame?.locus?.participants?.find(({ identity }) => identity === ana.id)?.state).to.equal('LEFT');
      const { body } = await leave(ben, bens);
      expect(body.locus.fullState.state).to.equal('INACTIVE');
      expect((await meetings.call<{ loci: Locus[] }>(ben, 'GET', meetings.base)).body.loci).to.deep.equal([]);
    });
    it('can be forced by a moderator only', async () => {
      const locus = await started();
      const bens = await joins(ben);
      const { self } = locus;
      const forced = { reason: 'FORCED' };
      expect((await meetings.call(ben, 'PUT', `${selfUrl(locus)}/leave`, forced)).status).to.equal(403);
      expect(self?.state).to.equal('JOINED');
      const { body } = await meetings.call(ana, 'PUT', `${selfUrl(bens)}/leave`, forced);
      expect(seen(body.locus, ben)).to.include({ state: 'LEFT', reason: 'FORCED' });
    });
  });

  describe('media', () => {
    it('says what is missing where no media server is installed', async () => {
      const locus = await started();
      const localSdp = JSON.stringify({ roapMessage: { messageType: 'OFFER', seq: 1, sdps: ['v=0'] } });
      const { status, body } = await meetings.call(ana, 'PUT', `${selfUrl(locus)}/media`, {
        ...meetings.joinBody(ana),
        localMedias: [{ mediaId: 'm', localSdp }],
      });
      expect(status).to.equal(501);
      expect(body.message).to.contain('no sound');
    });
    it('keeps the user’s own mute, which others see', async () => {
      const locus = await started();
      await joins(ben);
      const mute = (audioMuted: boolean) =>
        meetings.call(ana, 'PUT', `${selfUrl(locus)}/media`, {
          ...meetings.joinBody(ana),
          localMedias: [{ mediaId: 'm', localSdp: JSON.stringify({ audioMuted, videoMuted: true }) }],
        });
      const { status, body } = await mute(true);
      expect(status).to.equal(200);
      expect(body.mediaConnections).to.deep.equal([{ mediaId: 'm', type: 'SDP' }]);
    });
    it('refuses a malformed ROAP message', async () => {
      const locus = await started();
      for (const localSdp of ['', 'nonsense', '[]', '{"roapMessage":{"messageType":"OFFER","seq":-1}}']) {
        const { status } = await meetings.call(ana, 'PUT', `${selfUrl(locus)}/media`, {
          ...meetings.joinBody(ana),
          localMedias: [{ mediaId: 'm', localSdp }],
        });
        expect(status, localSdp).to.equal(400);
      }
    });
  });

  describe('sharing', () => {
    const floor = (who: Attendee, locus: Locus, disposition: string) =>
      meetings.call(who, 'PUT', `${locus.url}/mediashares/content`, {
        floor: {
          disposition,
          beneficiary: { url: selfUrl(locus), devices: [{ url: who.device, deviceType: 'WEB' }] },
          shareInstanceId: 's1',
        },
      });
    it('is granted, taken over, and released by its holder', async () => {
      const locus = await started();
      const bens = await joins(ben);
      await floor(ana, locus, 'GRANTED');
      const taken = await floor(ben, bens, 'GRANTED');
      const content = taken.body.locus.mediaShares[0];
      expect(content?.floor).to.include({ disposition: 'GRANTED' });
      expect(content?.floor?.beneficiary?.deviceUrl).to.equal(ben.device);
      const released = await floor(ben, bens, 'RELEASED');
      expect(released.body.locus.mediaShares[0]?.floor?.disposition).to.equal('RELEASED');
    });
    it('ends when its holder leaves', async () => {
      await started();
      const bens = await joins(ben);
      await floor(ben, bens, 'GRANTED');
      await leave(ben, bens);
      const delta = meetings.last(ana)?.locus;
      expect(delta?.mediaShares?.[0]?.floor?.disposition).to.equal('RELEASED');
    });
  });
});
