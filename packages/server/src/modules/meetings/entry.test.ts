import { expect } from 'chai';
import { ApiError } from '../../kernel/http/errors.js';
import type { Entrant, Entry, MeetingPlace } from './api.js';
import { type MeetingAnswer, type Person, type Schedule, startSchedule, urls } from './harness.test.js';

const minuteMs = 60_000;
const refusal = async (
  entering: Promise<unknown>,
): Promise<Pick<ApiError, 'status' | 'options' | 'message'>> => {
  try {
    await entering;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('a refusal was expected');
};

describe('entering a meeting', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let fay: Person;
  let gail: Person;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben] = await Promise.all([schedule.person('ana'), schedule.person('ben')]);
    fay = await schedule.foreigner('fay');
    gail = await schedule.guest('gail');
  });
  afterEach(() => schedule.close());

  async function find(address: string): Promise<MeetingPlace> {
    const place = await schedule.meetings.find(address);
    if (place === undefined) throw new Error(`${address} was not found`);
    return place;
  }
  async function enter(who: Person, address: string, more: Partial<Entrant> = {}): Promise<Entry> {
    return schedule.meetings.enter(await find(address), {
      userId: who.id,
      orgId: who.org_id,
      isGuest: who.roles.includes('guest'),
      ...more,
    });
  }
  const tokenOf = async (who: Person, { meetingNumber, password }: MeetingAnswer): Promise<string> =>
    (await schedule.info(who, { meetingKey: meetingNumber, password })).body.permissionToken ?? '';

  it('finds a place by link, number, SIP address and id, and nothing for a person', async () => {
    const made = await schedule.schedule(ana);
    const place = await find(made.meetingNumber);
    expect(place).to.deep.include({
      kind: 'scheduled',
      title: 'Standup',
      number: made.meetingNumber,
      hostUserId: ana.id,
      orgId: ana.org_id,
      isPersonalRoom: false,
      startsMs: Date.parse(made.start),
      endsMs: Date.parse(made.end),
    });
    for (const address of [made.webLink, `wbxmn:${made.meetingNumber}`, made.sipAddress])
      expect(await find(address)).to.deep.equal(place);
    expect(await schedule.meetings.byScheduledId(place.scheduledId ?? '')).to.deep.equal(place);
    expect(await schedule.meetings.find('ana@example.com')).to.equal(undefined);
    expect(await schedule.meetings.find('2000000000')).to.equal(undefined);
    expect(await schedule.meetings.byScheduledId('nonsense')).to.equal(undefined);
  });

  describe('that is scheduled', () => {
    it('is hosting for the owner, coming in for colleagues, and waiting for everybody else', async () => {
      const { meetingNumber } = await schedule.schedule(ana);
      expect(await enter(ana, meetingNumber)).to.deep.equal({ isHost: true, mustWait: false });
      expect(await enter(ben, meetingNumber)).to.deep.equal({ isHost: false, mustWait: false });
      expect(await enter(fay, meetingNumber)).to.deep.equal({ isHost: false, mustWait: true });
      expect(await enter(gail, meetingNumber)).to.deep.equal({ isHost: false, mustWait: true });
    });
    it('lets invitees of another organisation in, and hosts those who are co-hosts', async () => {
      const { meetingNumber } = await schedule.schedule(ana, {
        password: 'pass1',
        invitees: [{ email: fay.email }, { email: ben.email, coHost: true }],
      });
      expect(await enter(fay, meetingNumber)).to.deep.equal({ isHost: false, mustWait: false });
      expect(await enter(ben, meetingNumber)).to.deep.equal({ isHost: true, mustWait: false });
    });
    it('does not exist any more once it was deleted', async () => {
      const made = await schedule.schedule(ana);
      const place = await find(made.meetingNumber);
      await schedule.call(ana, 'DELETE', `/v1/meetings/${made.id}`);
      const who = { userId: ben.id, orgId: ben.org_id, isGuest: false };
      expect((await refusal(schedule.meetings.enter(place, who))).status).to.equal(404);
      expect(await schedule.meetings.isHostKey(place, made.hostKey)).to.equal(false);
    });
  });

  describe('with a password', () => {
    let made: MeetingAnswer;
    beforeEach(async () => {
      made = await schedule.schedule(ana, { password: 'pass1' });
    });
    const refused = async (who: Person, permissionToken?: string): Promise<void> => {
      const { status, options } = await refusal(
        enter(who, made.meetingNumber, permissionToken === undefined ? {} : { permissionToken }),
      );
      expect(status).to.equal(403);
      expect(options.errorCode).to.equal(403004);
    };

    it('needs a permission token, but not from the owner', async () => {
      await refused(ben);
      await refused(ben, '');
      await refused(ben, 'nonsense');
      expect((await enter(ana, made.meetingNumber)).isHost).to.equal(true);
      const permissionToken = await tokenOf(ben, made);
      expect(await enter(ben, made.meetingNumber, { permissionToken })).to.deep.equal({
        isHost: false,
        mustWait: false,
      });
    });
    it('keeps guests waiting who know it', async () => {
      const permissionToken = await tokenOf(gail, made);
      expect((await enter(gail, made.meetingNumber, { permissionToken })).mustWait).to.equal(true);
    });
    it('takes no token of another person, of another meeting, or one that was changed', async () => {
      await refused(ben, await tokenOf(gail, made));
      await refused(ben, await tokenOf(ben, await schedule.schedule(ana, { password: 'pass2' })));
      const [head = '', claims = '', signature = ''] = (await tokenOf(ben, made)).split('.');
      const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
      const longer = Buffer.from(JSON.stringify({ ...read, exp: read.exp + 1 })).toString('base64url');
      await refused(ben, `${head}.${longer}.${signature}`);
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      for (const token of [`${none}.${claims}.`, `${head}.${claims}.`, `${head}.${claims}.${signature}.x`])
        await refused(ben, token);
    });
    it('takes a token for an hour, whose times are epoch milliseconds', async () => {
      const permissionToken = await tokenOf(ben, made);
      const claims = JSON.parse(Buffer.from(permissionToken.split('.')[1] ?? '', 'base64url').toString()) as {
        iat: number;
        exp: number;
        permission: { userPolicies: object };
      };
      expect(claims.iat).to.equal(schedule.now());
      expect(claims.exp).to.equal(schedule.now() + 60 * minuteMs);
      expect(claims.permission.userPolicies).to.include({ supportVideo: true });
      schedule.tick(60 * minuteMs - 1);
      await enter(ben, made.meetingNumber, { permissionToken });
      schedule.tick(1);
      await refused(ben, permissionToken);
    });
  });

  describe('with the host key', () => {
    let made: MeetingAnswer;
    beforeEach(async () => {
      made = await schedule.schedule(ana, { password: 'pass1' });
    });
    const wrongKey = (): string => ((Number(made.hostKey) + 1) % 1_000_000).toString().padStart(6, '0');

    it('is hosting, without the password', async () => {
      expect(await enter(ben, made.meetingNumber, { pin: made.hostKey ?? '' })).to.deep.equal({
        isHost: true,
        mustWait: false,
      });
      expect(await enter(fay, made.meetingNumber, { pin: made.hostKey ?? '' })).to.deep.equal({
        isHost: true,
        mustWait: false,
      });
    });
    it('is refused to guests, though it is right', async () => {
      const { status, options } = await refusal(enter(gail, made.meetingNumber, { pin: made.hostKey ?? '' }));
      expect(status).to.equal(423);
      expect(options.errorCode).to.equal(2423006);
    });
    it('is refused when it is wrong, and after five of them also when it is right', async () => {
      for (let at = 0; at < 5; at += 1)
        expect((await refusal(enter(ben, made.meetingNumber, { pin: wrongKey() }))).status).to.equal(423);
      const { status, options } = await refusal(enter(ben, made.meetingNumber, { pin: made.hostKey ?? '' }));
      expect(status).to.equal(423);
      expect(options.retryAfterS).to.equal(900);
      // others are not kept out by his guesses
      expect((await enter(fay, made.meetingNumber, { pin: made.hostKey ?? '' })).isHost).to.equal(true);
      schedule.tick(15 * minuteMs);
      expect((await enter(ben, made.meetingNumber, { pin: made.hostKey ?? '' })).isHost).to.equal(true);
    });
    it('is not asked from the owner', async () => {
      expect((await enter(ana, made.meetingNumber, { pin: wrongKey() })).isHost).to.equal(true);
    });
    it('is checked for those who are in, five guesses for the whole meeting', async () => {
      const place = await find(made.meetingNumber);
      expect(await schedule.meetings.isHostKey(place, made.hostKey)).to.equal(true);
      for (const key of [undefined, Number(made.hostKey), '', wrongKey(), wrongKey()])
        expect(await schedule.meetings.isHostKey(place, key)).to.equal(false);
      expect(await schedule.meetings.isHostKey(place, made.hostKey)).to.equal(false);
      schedule.tick(15 * minuteMs);
      expect(await schedule.meetings.isHostKey(place, made.hostKey)).to.equal(true);
    });
  });

  describe('in a personal room', () => {
    const addressOf = async (who: Person): Promise<string> =>
      (await schedule.info(who, { userId: who.id })).body.meetingNumber ?? '';
    it('is hosting for its owner only, and waiting for guests and people of another organisation', async () => {
      const address = await addressOf(ana);
      expect((await find(address)).isPersonalRoom).to.equal(true);
      expect(await enter(ana, address)).to.deep.equal({ isHost: true, mustWait: false });
      expect(await enter(ben, address)).to.deep.equal({ isHost: false, mustWait: false });
      expect(await enter(fay, address)).to.deep.equal({ isHost: false, mustWait: true });
      expect(await enter(gail, address)).to.deep.equal({ isHost: false, mustWait: true });
    });
  });

  describe('of a room', () => {
    it('is for its members, and does not exist for others', async () => {
      const caller = await schedule.identity.callerOfToken(ana.token);
      if (caller === undefined) throw new Error('her token is good');
      const { id } = await schedule.conversations.create(caller, { memberIds: [ben.id], title: 'Plans' });
      const address = urls.conversation(id);
      expect(await enter(ana, address)).to.deep.equal({ isHost: false, mustWait: false });
      expect(await enter(ben, address)).to.deep.equal({ isHost: false, mustWait: false });
      for (const who of [fay, gail]) {
        const { status, message } = await refusal(enter(who, address));
        expect(status).to.equal(404);
        expect(message).to.equal('No one and no meeting has this address.');
      }
      expect(await schedule.meetings.isHostKey(await find(address), '123456')).to.equal(false);
      expect(
        await schedule.meetings.find(urls.conversation('00000000-0000-4000-8000-000000000000')),
      ).to.equal(undefined);
    });
  });
});
