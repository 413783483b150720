import { expect } from 'chai';
import { createAttendance } from './attendance.js';
import type { LiveMeetings } from './live.js';
import { isIn, type Meeting } from './model.js';
import { addPhone } from './rules/phones.js';
import { setMedia } from './rules/media.js';
import { at, deviceOf, meetingOf, one, ringingCall, waiting } from './samples.test.js';

/** Time passes in steps of as many seconds, with a check after each. */
function watch(first: Meeting) {
  let meeting = first;
  let nowMs = 0;
  const connected = new Set<string>();
  const removed = new Set<string>();
  const live = {
    held: () => Promise.resolve(meeting.state === 'INACTIVE' ? [] : [meeting]),
    change: (_id, rule) => {
      meeting = rule(meeting, at(nowMs));
      return Promise.resolve(meeting);
    },
  } satisfies Pick<LiveMeetings, 'held' | 'change'>;
  const attendance = createAttendance(
    live as unknown as LiveMeetings,
    { deviceConnected: (key) => connected.has(key) },
    { existing: (ids) => Promise.resolve(new Set(ids.filter((id) => !removed.has(id)))) },
    () => nowMs,
  );
  return {
    attendance,
    connected,
    removed,
    current: () => meeting,
    put: (changed: Meeting) => {
      meeting = changed;
    },
    pass: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 5) {
        await attendance.check();
        nowMs += 5_000;
      }
      await attendance.check();
    },
  };
}
const media = {
  mediaId: 'm',
  audio: 'sendrecv',
  video: 'sendrecv',
  slides: 'inactive',
  connected: true,
  multistream: false,
} as const;

describe('attendance', () => {
  const two = meetingOf('ana', 'ben');

  it('keeps those whose socket is open', async () => {
    const watched = watch(two);
    watched.connected.add(deviceOf('ana')).add(deviceOf('ben'));
    await watched.pass(600);
    expect(watched.current()).to.equal(two);
  });
  it('takes a device for gone after 30 s without a socket, not before', async () => {
    const watched = watch(two);
    watched.connected.add(deviceOf('ana')).add(deviceOf('ben'));
    await watched.pass(60);
    watched.connected.delete(deviceOf('ben'));
    await watched.pass(25);
    expect(one(watched.current(), 'ben').state).to.equal('JOINED');
    await watched.pass(10);
    expect(one(watched.current(), 'ben')).to.include({ state: 'LEFT', reason: 'INACTIVE' });
    expect(one(watched.current(), 'ana').state).to.equal('JOINED');
  });
  it('starts over when the socket comes back', async () => {
    const watched = watch(two);
    watched.connected.add(deviceOf('ana'));
    for (let round = 0; round < 5; round += 1) {
      watched.connected.delete(deviceOf('ben'));
      await watched.pass(25);
      watched.connected.add(deviceOf('ben'));
      await watched.pass(5);
    }
    expect(watched.current()).to.equal(two);
  });
  it('keeps those whose media flows though their socket is gone', async () => {
    const withMedia = setMedia(two, one(two, 'ben').id, deviceOf('ben'), media);
    const watched = watch(withMedia);
    watched.connected.add(deviceOf('ana'));
    await watched.pass(120);
    expect(one(watched.current(), 'ben').state).to.equal('JOINED');
    watched.put(
      setMedia(watched.current(), one(two, 'ben').id, deviceOf('ben'), { ...media, connected: false }),
    );
    await watched.pass(35);
    expect(one(watched.current(), 'ben').state).to.equal('LEFT');
  });
  it('removes a device that is registered no longer at once', async () => {
    const watched = watch(two);
    watched.connected.add(deviceOf('ana')).add(deviceOf('ben'));
    watched.removed.add(deviceOf('ben'));
    await watched.pass(0);
    expect(one(watched.current(), 'ben').state).to.equal('LEFT');
  });
  it('ends the meeting when the last one is gone', async () => {
    const watched = watch(two);
    await watched.pass(35);
    expect(watched.current().state).to.equal('INACTIVE');
    expect(watched.current().participants.some(isIn)).to.equal(false);
  });
  it('keeps phones, which have no socket, while another device of their owner is there', async () => {
    const watched = watch(
      addPhone(
        two,
        'ben',
        { url: 'dialin:///6f9619ff-8b86-4011-b42d-00c04fc964ff', kind: 'dial-in', correlationId: 'c' },
        at(),
      ),
    );
    watched.connected.add(deviceOf('ana'));
    watched.connected.add(deviceOf('ben'));
    await watched.pass(60);
    expect(one(watched.current(), 'ben').devices.map(({ state }) => state)).to.deep.equal([
      'JOINED',
      'JOINED',
    ]);
    watched.connected.delete(deviceOf('ben'));
    await watched.pass(60);
    expect(one(watched.current(), 'ben').devices.map(({ state }) => state)).to.deep.equal(['LEFT', 'LEFT']);
  });

  describe('in the lobby', () => {
    it('keeps those whose client says that it is there', async () => {
      const watched = watch(waiting(meetingOf('ana'), 'ben'));
      watched.connected.add(deviceOf('ana'));
      for (let round = 0; round < 10; round += 1) {
        await watched.pass(20);
        watched.attendance.seen(deviceOf('ben'));
      }
      expect(one(watched.current(), 'ben').state).to.equal('IDLE');
    });
    it('takes them for gone after three missed signs of life', async () => {
      const watched = watch(waiting(meetingOf('ana'), 'ben'));
      watched.connected.add(deviceOf('ana'));
      await watched.pass(60);
      expect(one(watched.current(), 'ben').state).to.equal('IDLE');
      await watched.pass(5);
      expect(one(watched.current(), 'ben').state).to.equal('LEFT');
    });
  });

  describe('of a call that rings', () => {
    it('ends it after a minute without an answer, not before', async () => {
      const watched = watch(ringingCall());
      watched.connected.add(deviceOf('ana'));
      await watched.pass(60);
      expect(one(watched.current(), 'ben').state).to.equal('NOTIFIED');
      await watched.pass(5);
      expect(one(watched.current(), 'ben')).to.include({ state: 'LEFT', reason: 'NO_ANSWER' });
      expect(watched.current().state).to.equal('INACTIVE');
    });
    it('ends it when the caller is gone', async () => {
      const watched = watch(ringingCall());
      await watched.pass(35);
      expect(watched.current().state).to.equal('INACTIVE');
    });
  });
});
