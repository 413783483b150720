import { expect } from 'chai';
import type { Meeting, MuteState } from '../model.js';
import { withParticipant } from '../model.js';
import { changeFloor } from '../rules/floor.js';
import { join, leave } from '../rules/joining.js';
import { arrival, at, deviceOf, emptyMeeting, meetingOf, one, waiting } from '../samples.test.js';
import { planMedia, type LegView, type Sight } from './plan.js';

const leg = (userId: string, more: Partial<LegView> = {}): LegView => ({
  deviceKey: deviceOf(userId),
  sendsAudio: true,
  sendsVideo: true,
  sendsSlides: false,
  ...more,
});
const muted = (
  meeting: Meeting,
  userId: string,
  kind: 'audio' | 'video',
  mute: Partial<MuteState>,
): Meeting =>
  withParticipant(meeting, one(meeting, userId).id, (before) => ({
    ...before,
    [kind]: { ...before[kind], ...mute },
  }));
const shares = (meeting: Meeting, userId: string, disposition = 'GRANTED'): Meeting =>
  changeFloor(
    meeting,
    one(meeting, userId),
    { share: 'content', disposition, deviceKey: deviceOf(userId), shareInstanceId: 's' },
    at(),
  );
const sightOf = (plan: ReturnType<typeof planMedia>, userId: string): Sight | undefined =>
  plan.sights.get(deviceOf(userId));

describe('who sees whom', () => {
  const three = meetingOf('ana', 'ben', 'cleo');
  const legs = [leg('ana'), leg('ben'), leg('cleo')];

  it('shows everybody the person who spoke last, and that person the one before', () => {
    const plan = planMedia(three, legs, [deviceOf('cleo'), deviceOf('ben')]);
    expect(sightOf(plan, 'ana')).to.deep.equal({ video: deviceOf('cleo') });
    expect(sightOf(plan, 'ben')).to.deep.equal({ video: deviceOf('cleo') });
    expect(sightOf(plan, 'cleo')).to.deep.equal({ video: deviceOf('ben') });
    expect(plan.recorded).to.deep.equal({ deviceKey: deviceOf('cleo'), kind: 'video' });
  });
  it('keeps the order in which they came while no one has spoken', () => {
    const plan = planMedia(three, legs, []);
    expect(sightOf(plan, 'ana')).to.deep.equal({ video: deviceOf('ben') });
    expect(sightOf(plan, 'cleo')).to.deep.equal({ video: deviceOf('ana') });
  });
  it('shows no one to a person who is alone', () => {
    const plan = planMedia(meetingOf('ana'), [leg('ana')], [deviceOf('ana')]);
    expect(sightOf(plan, 'ana')).to.deep.equal({});
    expect(plan.recorded).to.deep.equal({ deviceKey: deviceOf('ana'), kind: 'video' });
  });
  it('does not show a person their own second device', () => {
    const second = { key: 'tab', deviceType: 'WEB', correlationId: 'c' };
    const meeting = join(meetingOf('ana'), arrival('ana', { device: second }), at());
    const plan = planMedia(meeting, [leg('ana'), leg('ana', { deviceKey: 'tab' })], ['tab']);
    expect(plan.sights.get('tab')).to.deep.equal({});
    expect(sightOf(plan, 'ana')).to.deep.equal({});
  });
  for (const mute of [{ localMuted: true }, { remoteMuted: true }])
    it(`neither shows nor plays who is muted: ${JSON.stringify(mute)}`, () => {
      const noVideo = planMedia(muted(three, 'cleo', 'video', mute), legs, [deviceOf('cleo')]);
      expect(sightOf(noVideo, 'ana')).to.deep.equal({ video: deviceOf('ben') });
      expect([...noVideo.muted]).to.deep.equal([]);
      const noAudio = planMedia(muted(three, 'cleo', 'audio', mute), legs, [deviceOf('cleo')]);
      expect(sightOf(noAudio, 'ana')).to.deep.equal({ video: deviceOf('cleo') });
      expect([...noAudio.muted]).to.deep.equal([deviceOf('cleo')]);
    });
  it('does not show who sends no picture, and still plays their sound', () => {
    const plan = planMedia(
      three,
      [leg('ana'), leg('ben'), leg('cleo', { sendsVideo: false })],
      [deviceOf('cleo')],
    );
    expect(sightOf(plan, 'ana')).to.deep.equal({ video: deviceOf('ben') });
    expect(sightOf(plan, 'cleo')).to.deep.equal({ video: deviceOf('ana') });
    expect([...plan.muted]).to.deep.equal([]);
  });
  it('gives people in the lobby nothing, and shows them to no one', () => {
    const plan = planMedia(waiting(meetingOf('ana'), 'ben'), [leg('ana'), leg('ben')], [deviceOf('ben')]);
    expect(plan.sights.has(deviceOf('ben'))).to.equal(false);
    expect(sightOf(plan, 'ana')).to.deep.equal({});
  });
  it('gives who has left nothing, though their connection is still there', () => {
    const left = leave(three, one(three, 'cleo').id, {}, at());
    const plan = planMedia(left, legs, [deviceOf('cleo')]);
    expect(plan.sights.has(deviceOf('cleo'))).to.equal(false);
    expect(sightOf(plan, 'ana')).to.deep.equal({ video: deviceOf('ben') });
  });
  it('knows nothing of a connection without a participant', () => {
    const plan = planMedia(emptyMeeting(), [leg('ana')], []);
    expect(plan.sights.size).to.equal(0);
    expect(plan.recorded).to.equal(undefined);
  });

  describe('while a screen is shared', () => {
    const sending = [leg('ana'), leg('ben', { sendsSlides: true }), leg('cleo')];

    it('shows it beside the picture to everybody but the one who shares, and records it', () => {
      const plan = planMedia(shares(three, 'ben'), sending, [deviceOf('cleo')]);
      expect(sightOf(plan, 'ana')).to.deep.equal({ video: deviceOf('cleo'), slides: deviceOf('ben') });
      expect(sightOf(plan, 'cleo')).to.deep.equal({ video: deviceOf('ana'), slides: deviceOf('ben') });
      expect(sightOf(plan, 'ben')).to.deep.equal({ video: deviceOf('cleo') });
      expect(plan.recorded).to.deep.equal({ deviceKey: deviceOf('ben'), kind: 'slides' });
    });
    it('shows it though the picture of the person is muted', () => {
      const meeting = muted(shares(three, 'ben'), 'ben', 'video', { remoteMuted: true });
      expect(sightOf(planMedia(meeting, sending, []), 'ana')?.slides).to.equal(deviceOf('ben'));
    });
    it('does not show a screen without the floor', () => {
      const other = planMedia(shares(three, 'ana'), sending, []);
      expect(sightOf(other, 'cleo')).not.to.have.property('slides');
      const released = planMedia(shares(shares(three, 'ben'), 'ben', 'RELEASED'), sending, []);
      expect(sightOf(released, 'cleo')).not.to.have.property('slides');
      expect(released.recorded?.kind).to.equal('video');
    });
    it('shows nothing while the floor is taken and no screen is sent yet', () => {
      const plan = planMedia(shares(three, 'ana'), legs, []);
      expect(sightOf(plan, 'ben')).not.to.have.property('slides');
    });
  });
});
