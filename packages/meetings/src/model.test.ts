import type { Locus, LocusParticipant } from '@trunkline/wire';
import { expect } from 'chai';
import { deviceUrl, locus, participant } from '../test/locus.js';
import { memberValues } from './member.js';
import { endReasonOf, meetingValues } from './model.js';

const withState = (
  type: string,
  state: string,
  ana: Partial<LocusParticipant>,
  ben: Partial<LocusParticipant>,
): Locus =>
  locus(1, {
    fullState: { ...locus(1).fullState, type, state, active: state === 'ACTIVE' },
    participants: [participant('ana', ana), participant('ben', ben)],
  });

describe('why a meeting is over', () => {
  const rows: readonly [string, Locus, string | undefined][] = [
    ['it goes on', withState('MEETING', 'ACTIVE', {}, {}), undefined],
    ['you left', withState('MEETING', 'ACTIVE', { state: 'LEFT' }, {}), 'left'],
    [
      'you left as the last one',
      withState('MEETING', 'INACTIVE', { state: 'LEFT' }, { state: 'LEFT' }),
      'left',
    ],
    [
      'a host removed you',
      withState('MEETING', 'ACTIVE', { state: 'LEFT', reason: 'FORCED' }, {}),
      'removed',
    ],
    [
      'the service took you for gone',
      withState('MEETING', 'ACTIVE', { state: 'LEFT', reason: 'INACTIVE' }, {}),
      'inactive',
    ],
    [
      'a host ended it',
      withState('MEETING', 'INACTIVE', { state: 'LEFT', reason: 'MEETING_ENDED' }, { state: 'LEFT' }),
      'ended',
    ],
    ['another one left a meeting', withState('MEETING', 'ACTIVE', {}, { state: 'LEFT' }), undefined],
    ['the other one left a call', withState('CALL', 'ACTIVE', {}, { state: 'LEFT' }), 'partnerLeft'],
    ['the other one declined', withState('CALL', 'ACTIVE', {}, { state: 'DECLINED' }), 'declined'],
    [
      'no one answered',
      withState(
        'CALL',
        'INACTIVE',
        { state: 'LEFT', reason: 'MEETING_ENDED' },
        { state: 'LEFT', reason: 'NO_ANSWER' },
      ),
      'unanswered',
    ],
    ['you declined', withState('CALL', 'ACTIVE', { state: 'DECLINED' }, {}), 'declined'],
    [
      'you did not answer',
      withState('CALL', 'INACTIVE', { state: 'LEFT', reason: 'NO_ANSWER' }, { state: 'LEFT' }),
      'unanswered',
    ],
    [
      'the caller gave up',
      withState('CALL', 'INACTIVE', { state: 'LEFT', reason: 'MEETING_ENDED' }, { state: 'LEFT' }),
      'partnerLeft',
    ],
  ];
  for (const [title, state, reason] of rows)
    it(`${title}: ${reason ?? 'not over'}`, () => {
      expect(endReasonOf(state, true)).to.equal(reason);
    });
});

describe('what a state says of the meeting', () => {
  const role = (type: string) => ({ role: { roles: [{ type, hasRole: true }] } });
  it('says what you may do by your roles', () => {
    const ana = participant('ana', { controls: role('MODERATOR') });
    const values = meetingValues(locus(1, { participants: [ana] }), deviceUrl);
    expect(values).to.include({ isHost: true, isCoHost: false, title: 'Standup' });
    expect(values.displayHints).to.deep.equal(['RAISE_HAND', 'ADD_GUEST']);
    expect(meetingValues(locus(1), deviceUrl).displayHints).to.deep.equal(['RAISE_HAND']);
  });
  it('says who shares: you on this device, you on another one, or another user', () => {
    const shared = (id: string, url: string) =>
      meetingValues(
        locus(1, {
          mediaShares: [
            {
              name: 'content',
              url: 'u',
              floor: { disposition: 'GRANTED', beneficiary: { id, url: 'u', deviceUrl: url } },
            },
          ],
        }),
        deviceUrl,
      );
    expect(shared('ana', deviceUrl)).to.include({ share: 'local', sharerId: 'ana' });
    expect(shared('ana', 'elsewhere')).to.include({ share: 'remote' });
    expect(shared('ben', 'elsewhere')).to.include({ share: 'remote', sharerId: 'ben' });
    expect(meetingValues(locus(1), deviceUrl)).to.include({ share: 'none', sharerId: undefined });
  });
  it('says that you wait in the lobby, only for this device', () => {
    const waiting = (url: string) =>
      participant('ana', {
        state: 'IDLE',
        devices: [{ url, deviceType: 'WEB', state: 'IDLE', intent: { type: 'WAIT' } }],
      });
    expect(meetingValues(locus(1, { participants: [waiting(deviceUrl)] }), deviceUrl).isInLobby).to.equal(
      true,
    );
    expect(meetingValues(locus(1, { participants: [waiting('other')] }), deviceUrl).isInLobby).to.equal(
      false,
    );
  });
  it('distinguishes a paused recording from a running one', () => {
    const recording = (recording: boolean, paused: boolean) =>
      meetingValues(locus(1, { controls: { record: { recording, paused, meta: {} } } }), deviceUrl).recording;
    expect([recording(true, false), recording(true, true), recording(false, false)]).to.deep.equal([
      'on',
      'paused',
      'off',
    ]);
  });
});

describe('what a state says of a member', () => {
  const values = (more: Partial<LocusParticipant>) => memberValues(locus(1), participant('ben', more));
  it('is muted by a host, by themselves, or without a microphone', () => {
    expect(values({}).isAudioMuted).to.equal(false);
    expect(values({ controls: { audio: { muted: true } } })).to.include({
      isAudioMuted: true,
      isMutedByHost: true,
    });
    for (const audioStatus of ['RECVONLY', 'INACTIVE', 'UNKNOWN'])
      expect(values({ status: { audioStatus, videoStatus: 'SENDRECV' } })).to.include({
        isAudioMuted: true,
        isMutedByHost: false,
      });
  });
  it('is in, waits, rings, declined or left', () => {
    const waits = [{ url: 'u', deviceType: 'WEB', state: 'IDLE', intent: { type: 'WAIT' } }];
    expect(values({}).status).to.equal('joined');
    expect(values({ state: 'IDLE', devices: waits }).status).to.equal('lobby');
    expect(values({ state: 'IDLE', devices: [] }).status).to.equal('left');
    expect(values({ state: 'NOTIFIED' }).status).to.equal('ringing');
    expect(values({ state: 'DECLINED' }).status).to.equal('declined');
    expect(values({ state: 'LEFT' }).status).to.equal('left');
  });
});
