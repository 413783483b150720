import { expect } from 'chai';
import { withParticipant, type DeviceMedia, type Meeting } from '../model.js';
import { at, deviceOf, meetingOf, one, refusalOf, waiting } from '../samples.test.js';
import { leave } from './joining.js';
import { requireDevice, setConnected, setLocalMute, setMedia, withoutMedia } from './media.js';

const media: DeviceMedia = {
  mediaId: 'm1',
  audio: 'sendrecv',
  video: 'sendrecv',
  slides: 'inactive',
  connected: false,
  multistream: false,
};
const mediaOf = (meeting: Meeting, userId: string): DeviceMedia | undefined =>
  one(meeting, userId).devices[0]?.media;

describe('media of a device', () => {
  const two = meetingOf('ana', 'ben');
  const ben = one(two, 'ben').id;
  const withMedia = setMedia(two, ben, deviceOf('ben'), media);

  it('is only for devices that are in', () => {
    expect(requireDevice(two, ben, deviceOf('ben')).device.key).to.equal(deviceOf('ben'));
    expect(refusalOf(() => requireDevice(two, 'nobody', deviceOf('ben'))).status).to.equal(404);
    expect(refusalOf(() => requireDevice(two, ben, deviceOf('ana'))).status).to.equal(404);
    const lobby = waiting(two, 'cleo');
    const cleo = one(lobby, 'cleo').id;
    expect(refusalOf(() => requireDevice(lobby, cleo, deviceOf('cleo'))).status).to.equal(409);
    const left = leave(two, ben, {}, at());
    expect(refusalOf(() => requireDevice(left, ben, deviceOf('ben'))).status).to.equal(409);
  });
  it('is kept with the device, and removed again', () => {
    expect(mediaOf(withMedia, 'ben')).to.deep.equal(media);
    expect(mediaOf(withMedia, 'ana')).to.equal(undefined);
    const removed = setMedia(withMedia, ben, deviceOf('ben'), undefined);
    expect(one(removed, 'ben').devices[0]).not.to.have.property('media');
  });
  it('changes nothing when it is the same, so that nothing is announced', () => {
    expect(setMedia(withMedia, ben, deviceOf('ben'), { ...media })).to.equal(withMedia);
    expect(setMedia(two, ben, deviceOf('ben'), undefined)).to.equal(two);
    expect(setConnected(withMedia, deviceOf('ben'), false)).to.equal(withMedia);
  });
  it('connects, and is lost', () => {
    const connected = setConnected(withMedia, deviceOf('ben'), true);
    expect(mediaOf(connected, 'ben')?.connected).to.equal(true);
    expect(mediaOf(setConnected(connected, deviceOf('ben'), false), 'ben')?.connected).to.equal(false);
  });
  it('does not connect where there is none', () => {
    expect(setConnected(two, deviceOf('ben'), true)).to.equal(two);
    expect(setConnected(two, 'nobody', true)).to.equal(two);
  });
  it('is lost for everybody when the service restarts, and nothing else is', () => {
    const both = setMedia(withMedia, one(two, 'ana').id, deviceOf('ana'), { ...media, connected: true });
    const after = withoutMedia(setConnected(both, deviceOf('ben'), true));
    expect([mediaOf(after, 'ana')?.connected, mediaOf(after, 'ben')?.connected]).to.deep.equal([
      false,
      false,
    ]);
    expect(after.participants.map(({ state }) => state)).to.deep.equal(['JOINED', 'JOINED']);
    expect(withoutMedia(two)).to.equal(two);
  });
});

describe('the user’s own mute', () => {
  const two = meetingOf('ana', 'ben');
  const ben = one(two, 'ben').id;
  const asked = withParticipant(two, ben, (before) => ({
    ...before,
    audio: { ...before.audio, localMuted: true, requestedMs: 5 },
  }));

  it('sets sound and picture apart, and leaves out what is not said', () => {
    const muted = setLocalMute(two, ben, { audio: true });
    expect(one(muted, 'ben').audio.localMuted).to.equal(true);
    expect(one(muted, 'ben').video.localMuted).to.equal(false);
    const both = setLocalMute(muted, ben, { video: true });
    expect([one(both, 'ben').audio.localMuted, one(both, 'ben').video.localMuted]).to.deep.equal([
      true,
      true,
    ]);
  });
  it('changes nothing when it is the same', () => {
    expect(setLocalMute(two, ben, {})).to.equal(two);
    expect(setLocalMute(two, ben, { audio: false, video: false })).to.equal(two);
  });
  it('does not touch what a moderator decided', () => {
    const hard = withParticipant(two, ben, (before) => ({
      ...before,
      audio: { ...before.audio, remoteMuted: true },
    }));
    const after = setLocalMute(hard, ben, { audio: true });
    expect(one(setLocalMute(after, ben, { audio: false }), 'ben').audio).to.include({
      localMuted: false,
      remoteMuted: true,
    });
  });
  it('answers the request to unmute by unmuting sound, and by nothing else', () => {
    expect(one(setLocalMute(asked, ben, { video: true }), 'ben').audio.requestedMs).to.equal(5);
    expect(one(setLocalMute(asked, ben, { audio: false }), 'ben').audio).not.to.have.property('requestedMs');
  });
  it('is refused for a participant who does not exist', () => {
    expect(refusalOf(() => setLocalMute(two, 'nobody', { audio: true })).status).to.equal(404);
  });
});
