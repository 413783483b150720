import { expect } from 'chai';
import { ApiError } from '../../../kernel/http/errors.js';
import { defaultControls, isIn, isWaiting, type Meeting } from '../model.js';
import { arrival, at, emptyMeeting as empty, meetingOf as held, one } from '../samples.test.js';
import { changeControls, changeParticipant, rename } from './controls.js';
import { changeFloor, holds } from './floor.js';
import { admit, cancelInvite, decline, end, invite, join, leave, moveToLobby } from './joining.js';

const refusal = (run: () => unknown): { status: number; errorCode: number | undefined } => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, errorCode: error.options.errorCode };
    throw error;
  }
  throw new Error('it should have been refused');
};

describe('joining a meeting', () => {
  it('makes the owner the moderator, and everyone else a participant', () => {
    const meeting = held('ben', 'ana');
    expect(meeting.state).to.equal('ACTIVE');
    expect(one(meeting, 'ana').roles).to.deep.equal(['MODERATOR']);
    expect(one(meeting, 'ben').roles).to.deep.equal([]);
  });
  it('makes the first one the moderator where no one owns the meeting', () => {
    const meeting = join(empty({ hostUserId: undefined as never }), arrival('ben', { isHost: false }), at());
    delete (meeting as { hostUserId?: string }).hostUserId;
    expect(join(empty(), arrival('ana'), at()).participants[0]?.isCreator).to.equal(true);
  });
  it('keeps two devices of one person apart: one leaves, the other stays (G-05)', () => {
    const second = arrival('ben', { device: { key: 'tab-2', deviceType: 'WEB', correlationId: 'c2' } });
    const two = join(held('ana', 'ben'), second, at());
    expect(one(two, 'ben').devices).to.have.length(2);
    const left = leave(two, one(two, 'ben').id, { deviceKey: 'tab-2' }, at());
    expect(one(left, 'ben').state).to.equal('JOINED');
    expect(one(left, 'ben').devices.map(({ state }) => state)).to.deep.equal(['JOINED', 'LEFT']);
    const gone = leave(left, one(left, 'ben').id, { deviceKey: 'ben-device' }, at());
    expect(one(gone, 'ben').state).to.equal('LEFT');
  });
  it('mutes on entry, but not the host, and not who reloads the page', () => {
    const strict = empty({ controls: { ...defaultControls, muteOnEntry: true } });
    let meeting = join(join(strict, arrival('ana'), at()), arrival('ben'), at());
    expect(one(meeting, 'ana').audio.remoteMuted).to.equal(false);
    expect(one(meeting, 'ben').audio.remoteMuted).to.equal(true);
    meeting = changeParticipant(
      meeting,
      {
        userId: 'ben',
        targetId: one(meeting, 'ben').id,
        body: { audio: { muted: false } },
        isHostKeyRight: () => false,
      },
      at(),
    );
    expect(one(join(meeting, arrival('ben'), at()), 'ben').audio.remoteMuted).to.equal(false);
  });
  it('is refused once the meeting has ended', () => {
    expect(refusal(() => join(end(held('ana'), at()), arrival('ben'), at()))).to.include({ status: 409 });
  });
  it('is refused when it is full, but not for those who are in', () => {
    const people = Array.from({ length: 200 }, (_, n) => `u${String(n)}`);
    const full = held(...people);
    expect(refusal(() => join(full, arrival('late'), at()))).to.include({ status: 423 });
    expect(one(join(full, arrival('u5'), at()), 'u5').state).to.equal('JOINED');
  });
});

describe('the lobby', () => {
  const waiting = () => join(held('ana'), arrival('eve', { mustWait: true, isGuest: true }), at());
  it('holds a guest until a moderator admits them', () => {
    const before = waiting();
    expect(isWaiting(one(before, 'eve'))).to.equal(true);
    const after = admit(before, [one(before, 'eve').id], at(5));
    expect(isIn(one(after, 'eve'))).to.equal(true);
    expect(one(after, 'eve').devices[0]).to.include({ isWaiting: false, state: 'JOINED', joinedMs: 5 });
  });
  it('takes back who was in, without media, floor or raised hand', () => {
    let meeting = held('ana', 'ben');
    const ben = one(meeting, 'ben');
    const asked = {
      share: 'content',
      disposition: 'GRANTED',
      deviceKey: 'ben-device',
      shareInstanceId: 'x',
    } as const;
    meeting = changeFloor(meeting, ben, asked, at());
    meeting = moveToLobby(meeting, ben.id, at());
    expect(isWaiting(one(meeting, 'ben'))).to.equal(true);
    expect(holds(meeting.content)).to.equal(false);
    expect(refusal(() => moveToLobby(meeting, one(meeting, 'ana').id, at()))).to.include({ status: 400 });
  });
  it('lets no one in by naming a user who does not wait', () => {
    const before = waiting();
    expect(admit(before, ['someone-else'], at()).participants.filter(isIn)).to.have.length(1);
    expect(refusal(() => admit(before, [], at()))).to.include({ status: 400 });
  });
});

describe('leaving a meeting', () => {
  it('ends it with the last one, and notifies those who waits', () => {
    const meeting = join(held('ana'), arrival('eve', { mustWait: true }), at());
    const after = leave(meeting, one(meeting, 'ana').id, {}, at());
    expect(after.state).to.equal('INACTIVE');
    expect(one(after, 'eve').state).to.equal('LEFT');
  });
  it('hands the host role to a co-host, else to who has been in longest, never to a guest (G-10)', () => {
    const guests = join(held('ana'), arrival('eve', { isGuest: true }), at(1));
    const meeting = join(join(guests, arrival('ben'), at(2)), arrival('chloe'), at(3));
    const gone = leave(meeting, one(meeting, 'ana').id, {}, at());
    expect(one(gone, 'ben').roles).to.deep.equal(['MODERATOR']);
    const back = join(gone, arrival('ana'), at());
    expect(one(back, 'ana').roles).to.include('MODERATOR');
    const onlyGuests = leave(guests, one(guests, 'ana').id, {}, at());
    expect(one(onlyGuests, 'eve').roles).to.deep.equal([]);
    expect(onlyGuests.state).to.equal('ACTIVE');
  });
  it('frees the floor', () => {
    const meeting = held('ana', 'ben');
    const ben = one(meeting, 'ben');
    const shared = changeFloor(
      meeting,
      ben,
      { share: 'content', disposition: 'GRANTED', deviceKey: 'ben-device', shareInstanceId: 'x' },
      at(),
    );
    expect(holds(leave(shared, ben.id, {}, at()).content)).to.equal(false);
  });
});

describe('a call of two', () => {
  const ringing = () =>
    invite(
      join(empty({ type: 'CALL' }), arrival('ana'), at()),
      [{ userId: 'ben', name: 'ben', address: 'ben' }],
      at(),
    );
  it('rings, and ends when the callee declines and the caller leaves', () => {
    const meeting = ringing();
    expect(one(meeting, 'ben').state).to.equal('NOTIFIED');
    const declined = decline(meeting, one(meeting, 'ben').id, 'BUSY', at());
    expect(one(declined, 'ben')).to.include({ state: 'DECLINED', reason: 'BUSY' });
    expect(leave(declined, one(declined, 'ana').id, {}, at()).state).to.equal('INACTIVE');
  });
  it('stops ringing when the caller gives up', () => {
    const meeting = ringing();
    const ended = leave(meeting, one(meeting, 'ana').id, {}, at());
    expect(ended.state).to.equal('INACTIVE');
    expect(one(ended, 'ben').state).to.equal('LEFT');
  });
  it('has no host', () => {
    const answered = join(ringing(), arrival('ben'), at());
    expect(answered.participants.map(({ state }) => state)).to.deep.equal(['JOINED', 'JOINED']);
    expect(leave(answered, one(answered, 'ana').id, {}, at()).state).to.equal('ACTIVE');
  });
  it('takes an invitation back, once', () => {
    const meeting = ringing();
    const id = one(meeting, 'ben').id;
    expect(one(cancelInvite(meeting, id, at()), 'ben').state).to.equal('LEFT');
    expect(refusal(() => cancelInvite(cancelInvite(meeting, id, at()), id, at()))).to.include({
      status: 404,
    });
  });
});

describe('controls of a meeting', () => {
  it('are for moderators who are in', () => {
    const meeting = held('ana', 'ben');
    const body = { lock: { locked: true } };
    expect(changeControls(meeting, 'ana', body, at()).isLocked).to.equal(true);
    expect(refusal(() => changeControls(meeting, 'ben', body, at()))).to.include({ status: 403 });
    expect(refusal(() => changeControls(meeting, 'eve', body, at()))).to.include({ status: 404 });
  });
  it('are carried out all or none, and unknown ones are refused by name', () => {
    const meeting = held('ana');
    const body = { muteOnEntry: { enabled: true }, teleport: { enabled: true } };
    expect(refusal(() => changeControls(meeting, 'ana', body, at()))).to.include({ status: 501 });
    for (const bad of [
      {},
      { lock: 'yes' },
      { lock: { locked: 1 } },
      { shareControl: { control: 'ME' } },
      { hand: { raised: true } },
    ])
      expect(
        refusal(() => changeControls(meeting, 'ana', bad, at())),
        JSON.stringify(bad),
      ).to.include({ status: 400 });
  });
  it('mute everyone but moderators, and never open a microphone (G-07)', () => {
    let meeting = changeControls(held('ana', 'ben', 'chloe'), 'ana', { audio: { muted: true } }, at(7));
    expect(['ana', 'ben', 'chloe'].map((id) => one(meeting, id).audio.remoteMuted)).to.deep.equal([
      false,
      true,
      true,
    ]);
    meeting = changeControls(meeting, 'ana', { audio: { muted: false } }, at(8));
    expect(one(meeting, 'ben').audio).to.include({ remoteMuted: true, requestedMs: 8 });
  });
  it('keep muted who may not unmute', () => {
    const meeting = changeControls(
      held('ana', 'ben'),
      'ana',
      { audio: { muted: true, disallowUnmute: true } },
      at(),
    );
    const unmute = (userId: string) =>
      changeParticipant(
        meeting,
        {
          userId,
          targetId: one(meeting, userId).id,
          body: { audio: { muted: false } },
          isHostKeyRight: () => false,
        },
        at(),
      );
    expect(refusal(() => unmute('ben'))).to.include({ status: 403 });
    expect(one(unmute('ana'), 'ana').audio.remoteMuted).to.equal(false);
  });
  it('record, pause and resume, each once', () => {
    const record = (meeting: Meeting, recording: boolean, paused: boolean, ms: number) =>
      changeControls(meeting, 'ana', { record: { recording, paused } }, at(ms));
    let meeting = record(held('ana'), true, false, 1);
    expect(record(meeting, true, false, 2)).to.equal(meeting);
    meeting = record(meeting, true, true, 3);
    expect(meeting.recording).to.deep.equal({ isOn: true, isPaused: true, modifiedBy: 'ana', modifiedMs: 3 });
    expect(record(meeting, false, false, 4).recording).to.include({ isOn: false, isPaused: false });
    expect(end(meeting, at(9)).recording).to.include({ isOn: false, modifiedMs: 9 });
  });
});

describe('controls of a participant', () => {
  const change = (meeting: Meeting, userId: string, target: string, body: unknown, key?: string) =>
    changeParticipant(
      meeting,
      { userId, targetId: one(meeting, target).id, body, isHostKeyRight: (given) => given === key },
      at(3),
    );
  it('let everyone raise their own hand, and moderators lower it', () => {
    const raised = change(held('ana', 'ben'), 'ben', 'ben', { hand: { raised: true } });
    expect(one(raised, 'ben').handRaised).to.equal(true);
    expect(one(change(raised, 'ana', 'ben', { hand: { raised: false } }), 'ben').handRaised).to.equal(false);
    expect(refusal(() => change(raised, 'ben', 'ana', { hand: { raised: true } }))).to.include({
      status: 403,
    });
  });
  it('hand over the host role: there is one host', () => {
    const body = { role: { roles: [{ type: 'MODERATOR', hasRole: true }] } };
    const given = change(held('ana', 'ben'), 'ana', 'ben', body);
    expect(one(given, 'ben').roles).to.deep.equal(['MODERATOR']);
    expect(one(given, 'ana').roles).to.deep.equal(['COHOST']);
    expect(refusal(() => change(held('ana', 'ben'), 'ben', 'ben', body))).to.include({ errorCode: 2403136 });
    const claimed = change(
      held('ana', 'ben'),
      'ben',
      'ben',
      { role: { roles: [{ type: 'MODERATOR', hasRole: true, hostKey: '1234' }] } },
      '1234',
    );
    expect(one(claimed, 'ben').roles).to.deep.equal(['MODERATOR']);
    expect(refusal(() => change(held('ana'), 'ana', 'ana', body))).to.include({ errorCode: 2409150 });
    expect(
      refusal(() => change(held('ana', 'ben'), 'ana', 'ana', { role: { moderator: false } })),
    ).to.include({ status: 409 });
  });
  it('let moderators mute others, turn no camera on, and rename anyone', () => {
    const meeting = held('ana', 'ben');
    expect(one(change(meeting, 'ana', 'ben', { audio: { muted: true } }), 'ben').audio.remoteMuted).to.equal(
      true,
    );
    expect(refusal(() => change(meeting, 'ana', 'ben', { video: { muted: false } }))).to.include({
      status: 400,
    });
    expect(refusal(() => change(meeting, 'ben', 'ana', { audio: { muted: true } }))).to.include({
      status: 403,
    });
    expect(one(rename(meeting, 'ben', one(meeting, 'ben').id, ' Benny '), 'ben').name).to.equal('Benny');
    expect(refusal(() => rename(meeting, 'ben', one(meeting, 'ana').id, 'x'))).to.include({ status: 403 });
    expect(refusal(() => rename(meeting, 'ben', one(meeting, 'ben').id, 'x'.repeat(100_000)))).to.include({
      status: 400,
    });
  });
});

describe('the floor (G-06)', () => {
  const ask = (meeting: Meeting, userId: string, disposition = 'GRANTED', ms = 1) =>
    changeFloor(
      meeting,
      one(meeting, userId),
      { share: 'content', disposition, deviceKey: `${userId}-device`, shareInstanceId: userId },
      at(ms),
    );
  it('is held by one at a time, and can be taken over', () => {
    const first = ask(held('ana', 'ben'), 'ana');
    const second = ask(first, 'ben', 'GRANTED', 2);
    expect(second.content).to.include({ participantId: one(second, 'ben').id, grantedMs: 2 });
    expect(ask(second, 'ana', 'RELEASED', 3).content).to.include({ releasedMs: 3 });
    expect(refusal(() => ask(first, 'ben', 'RELEASED'))).to.include({ status: 403 });
    expect(refusal(() => ask(first, 'ben', 'MAYBE'))).to.include({ status: 400 });
  });
  it('is for presenters where the host says so', () => {
    const strict = changeControls(
      held('ana', 'ben'),
      'ana',
      { shareControl: { control: 'MODERATOR_PRESENTER' } },
      at(),
    );
    expect(refusal(() => ask(strict, 'ben'))).to.include({ status: 403 });
    expect(holds(ask(strict, 'ana').content)).to.equal(true);
  });
  it('of a whiteboard ends the screen share', () => {
    const shared = ask(held('ana', 'ben'), 'ana');
    const drawn = changeFloor(
      shared,
      one(shared, 'ben'),
      {
        share: 'whiteboard',
        disposition: 'GRANTED',
        deviceKey: 'ben-device',
        shareInstanceId: 'w',
        resourceUrl: 'https://x/board',
      },
      at(4),
    );
    expect(holds(drawn.content)).to.equal(false);
    expect(drawn.whiteboard).to.include({ resourceUrl: 'https://x/board' });
  });
});
