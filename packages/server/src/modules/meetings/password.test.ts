import { expect } from 'chai';
import { look } from './captcha-reader.test.js';
import {
  type InfoAnswer,
  type MeetingAnswer,
  type Person,
  type Schedule,
  startSchedule,
} from './harness.test.js';

const minuteMs = 60_000;

describe('the password of a meeting', () => {
  let schedule: Schedule;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let made: MeetingAnswer;
  beforeEach(async () => {
    schedule = await startSchedule();
    [ana, ben, cleo] = await Promise.all([
      schedule.person('ana'),
      schedule.person('ben'),
      schedule.person('cleo'),
    ]);
    made = await schedule.schedule(ana, { password: '0042', invitees: [{ email: 'cleo@example.com' }] });
  });
  afterEach(() => schedule.close());

  const ask = (who: Person, more: object = {}) =>
    schedule.info(who, { meetingKey: made.meetingNumber, ...more });
  /** Guesses until a captcha has to be solved. */
  async function exhausted(who: Person): Promise<InfoAnswer> {
    for (let at = 0; at < 4; at += 1) expect((await ask(who, { password: 'wrong' })).status).to.equal(403);
    const { status, body } = await ask(who, { password: 'wrong' });
    expect(status).to.equal(423);
    return body;
  }
  const answerTo = async (captcha: InfoAnswer, code?: string): Promise<object> => ({
    captchaID: captcha.captchaID,
    captchaVerifyCode: code ?? (await schedule.solve(captcha)),
  });
  const otherThan = (code: string): string =>
    code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

  it('is asked for, with what the client needs to show its form', async () => {
    const { status, body } = await ask(ben);
    expect(status).to.equal(403);
    expect(body).to.deep.include({ code: 403004 });
    expect(body).to.have.nested.property('data.meetingInfo.meetingNumber', made.meetingNumber);
    expect(body).not.to.have.property('permissionToken');
    // what only those with the password may know
    expect(JSON.stringify(body)).not.to.contain('Standup').and.not.to.contain(ana.id);
  });
  it('is a text: leading zeros count', async () => {
    expect((await ask(ben, { password: '42' })).status).to.equal(403);
    expect((await ask(ben, { password: 42 })).status).to.equal(403);
    expect((await ask(ben, { password: '0042' })).status).to.equal(200);
  });
  it('is not needed by the host and by invitees', async () => {
    for (const who of [ana, cleo]) expect((await ask(who)).status).to.equal(200);
  });
  it('is not needed by who has the host key', async () => {
    expect((await ask(ben, { password: made.hostKey })).status).to.equal(200);
  });
  it('does not count a request without one as a guess', async () => {
    for (let at = 0; at < 10; at += 1) expect((await ask(ben)).status).to.equal(403);
    expect((await ask(ben, { password: '0042' })).status).to.equal(200);
  });

  describe('guessed five times', () => {
    it('is refused with a captcha, whose picture and sound have the same code', async () => {
      const body = await exhausted(ben);
      expect(body.code).to.equal(423005);
      expect(body.captchaID).to.match(/^[0-9a-f-]{36}$/);
      const picture = await schedule.fetchRaw(body.verificationImageURL ?? '');
      expect(picture).to.include({ status: 200, type: 'image/svg+xml' });
      const sound = await schedule.fetchRaw(body.verificationAudioURL ?? '');
      expect(sound).to.include({ status: 200, type: 'audio/wav' });
      expect(sound.body.subarray(0, 4).toString()).to.equal('RIFF');
      const code = await schedule.solve(body);
      expect(code).to.match(/^\d{5}$/);
      expect(look(picture.body.toString())).to.equal(code);
      expect(JSON.stringify(body)).not.to.contain(code);
    });
    it('is refused though it is right, until the captcha is solved', async () => {
      const captcha = await exhausted(ben);
      const right = await ask(ben, { password: '0042' });
      expect(right.status).to.equal(423);
      expect(right.body.code).to.equal(423001);
      const solved = await ask(ben, { password: '0042', ...(await answerTo(captcha)) });
      expect(solved.status).to.equal(200);
      expect(solved.body.permissionToken).to.be.a('string');
      // the count begins again
      expect((await ask(ben, { password: 'wrong' })).status).to.equal(403);
    });
    it('needs a new captcha after a wrong code, and the old one is used up', async () => {
      const captcha = await exhausted(ben);
      const code = await schedule.solve(captcha);
      const wrong = await ask(ben, { password: '0042', ...(await answerTo(captcha, otherThan(code))) });
      expect(wrong.status).to.equal(423);
      expect(wrong.body.captchaID).to.be.a('string').and.not.equal(captcha.captchaID);
      expect((await ask(ben, { password: '0042', ...(await answerTo(captcha, code)) })).status).to.equal(423);
      expect((await schedule.fetchRaw(captcha.verificationImageURL ?? '')).status).to.equal(404);
      const again = await ask(ben, { password: '0042', ...(await answerTo(wrong.body)) });
      expect(again.status).to.equal(200);
    });
    it('allows one guess for each captcha', async () => {
      const captcha = await exhausted(ben);
      const answer = await answerTo(captcha);
      const guess = await ask(ben, { password: 'wrong', ...answer });
      expect(guess.status).to.equal(423);
      expect(guess.body.code).to.equal(423005);
      expect((await ask(ben, { password: '0042', ...answer })).status).to.equal(423);
    });
    it('takes no captcha that has expired', async () => {
      const captcha = await exhausted(ben);
      const answer = await answerTo(captcha);
      schedule.tick(10 * minuteMs);
      expect((await ask(ben, { password: '0042', ...answer })).status).to.equal(423);
      expect((await schedule.fetchRaw(captcha.verificationAudioURL ?? '')).status).to.equal(404);
    });
    it('is taken without a captcha after a quarter of an hour', async () => {
      await exhausted(ben);
      schedule.tick(15 * minuteMs);
      expect((await ask(ben, { password: '0042' })).status).to.equal(200);
    });
    it('asks no one else for a captcha', async () => {
      const guest = await schedule.guest('gail');
      await exhausted(ben);
      expect((await ask(guest, { password: '0042' })).status).to.equal(200);
    });
    it('is a captcha for this meeting only', async () => {
      await exhausted(ben);
      const other = await schedule.schedule(ana, { password: '0043' });
      const info = await schedule.info(ben, { meetingKey: other.meetingNumber, password: '0043' });
      expect(info.status).to.equal(200);
    });
    it('gets another picture by a refresh, after which the first one is over', async () => {
      const captcha = await exhausted(ben);
      // clients put this to the end of the URL
      const refreshed = await schedule.call<InfoAnswer>(
        ben,
        'POST',
        `${captcha.refreshURL ?? ''}&siteFullName=trunkline.test`,
        { captchaId: captcha.captchaID },
      );
      expect(refreshed.status).to.equal(200);
      expect(Object.keys(refreshed.body)).to.have.members([
        'captchaID',
        'verificationImageURL',
        'verificationAudioURL',
        'refreshURL',
      ]);
      expect((await schedule.fetchRaw(captcha.verificationImageURL ?? '')).status).to.equal(404);
      expect((await schedule.call(ben, 'POST', captcha.refreshURL ?? '', {})).status).to.equal(404);
      expect((await schedule.call(undefined, 'POST', refreshed.body.refreshURL ?? '', {})).status).to.equal(
        401,
      );
      const solved = await ask(ben, { password: '0042', ...(await answerTo(refreshed.body)) });
      expect(solved.status).to.equal(200);
    });
  });
});
