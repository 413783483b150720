import { expect } from 'chai';
import { openMeetings, type Attendee, type MeetingStage } from './kit.js';

describe('meetings in Chromium', function () {
  this.timeout(120_000);
  let stage: MeetingStage;
  let people: Attendee[] = [];
  before(async function () {
    const opened = await openMeetings();
    if (opened === undefined) this.skip();
    stage = opened;
  });
  after(() => (stage as MeetingStage | undefined)?.close());
  afterEach(async () => {
    for (const { page } of people) await page.context().close();
    people = [];
  });
  const attend = async <const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [K in keyof Names]: Attendee }> => {
    const found = await Promise.all(names.map((name) => stage.attend(name)));
    people.push(...found);
    return found as { [K in keyof Names]: Attendee };
  };

  it('a 1:1 call rings, is answered, and both see and hear each other', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await ana.run('join', { to: 'ben@example.com' });
    await ben.run('answer');
    await Promise.all([ana.run('addMedia', {}), ben.run('addMedia', {})]);
    await ana.run('untilState', { name: 'callState', value: 'answered' });
    for (const one of [ana, ben]) {
      const picture = await one.run('picture', {});
      expect(picture.isMoving, 'moving').to.equal(true);
      expect(picture.width).to.be.greaterThan(300);
      await one.run('hears', {});
    }
    await ben.call('leave');
    await ana.run('untilState', { name: 'endReason', value: 'partnerLeft' });
  });
});
