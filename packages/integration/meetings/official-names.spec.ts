import { expect } from 'chai';
import { openMeetings, type MeetingStage, type Visitor } from './kit.js';
import type { OfficialApi } from './official-names.js';

describe('meetings with the official names, in Chromium', function () {
  this.timeout(120_000);
  let stage: MeetingStage;
  before(async function () {
    const opened = await openMeetings('official-names.ts');
    if (opened === undefined) this.skip();
    stage = opened;
  });
  after(() => (stage as MeetingStage | undefined)?.close());

  it('two people meet, share controls and leave', async () => {
    const [ana, ben] = (await Promise.all(['ana', 'ben'].map((name) => stage.visit<OfficialApi>(name)))) as [
      Visitor<OfficialApi>,
      Visitor<OfficialApi>,
    ];
    const response = await fetch(`${stage.cloud.url}/v1/meetingPreferences/personalMeetingRoom`, {
      headers: { authorization: `Bearer ${ana.person.accessToken}` },
    });
    const { sipAddress: to } = (await response.json()) as { sipAddress: string };
    await ana.run('join', { to });
    await ben.run('join', { to });
    await Promise.all([ana.run('addMedia'), ben.run('addMedia')]);
    for (const one of [ana, ben]) {
      await one.run('untilEvent', { event: 'media:ready remoteVideo' });
      let frames = 0;
      for (const deadline = Date.now() + 10_000; frames < 5 && Date.now() < deadline;)
        frames = await one.run('framesDecoded');
      expect(frames).to.be.greaterThan(4);
    }
    await ben.run('raiseHand');
    await ana.run('untilMember', { name: 'Ben', isHandRaised: true });
    await ana.run('call', { name: 'lockMeeting' });
    await ben.run('untilEvent', { event: 'meeting:locked' });
    await ana.run('call', { name: 'mute', args: [await ana.run('memberId', { name: 'Ben' })] });
    await ben.run('untilEvent', { event: 'meeting:self:mutedByOthers' });
    await ana.run('call', { name: 'startRecording' });
    await ben.run('untilEvent', { event: 'meeting:recording:started' });
    await ben.run('call', { name: 'leave' });
    expect(await ben.run('events')).to.include('meeting:removed CLIENT_LEAVE_REQUEST');
    await ana.run('call', { name: 'endMeetingForAll' });
    await ana.run('untilEvent', { event: 'meeting:removed MEETING_INACTIVE_TERMINATING' });
    await Promise.all([ana.run('close'), ben.run('close')]);
  });
});
