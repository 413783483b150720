import type { RequestOptions } from '@trunkline/core';
import { expect } from 'chai';
import { deviceUrl, locus, locusUrl, participant } from '../test/locus.js';
import { createControls } from './controls.js';
import { createMembers } from './members.js';
import type { RequestContext } from './requests.js';
import type { Signalling } from './signalling.js';

const sequence = { entries: [1], rangeStart: 0, rangeEnd: 0 };
const context: RequestContext = {
  locusUrl,
  selfUrl: `${locusUrl}/participant/ana`,
  selfId: 'ana',
  deviceUrl,
  correlationId: 'c',
  sequence,
};
function setUp() {
  const sent: RequestOptions[] = [];
  const send: Signalling['send'] = (request) => {
    sent.push(typeof request === 'function' ? request(context) : request);
    return Promise.resolve();
  };
  const signalling: Signalling = { context: () => context, send, ask: send as never };
  const roster = createMembers(signalling, (error) => {
    throw error;
  });
  return { sent, roster, members: roster.members, controls: createControls(signalling, () => locus(1)) };
}
type Scene = ReturnType<typeof setUp>;
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('calls of a meeting', () => {
  const ben = `${locusUrl}/participant/ben`;
  const forAll = { requestingParticipantId: 'ana' };
  const rows: readonly [string, (scene: Scene) => Promise<unknown>, string, object][] = [
    [
      'add',
      ({ members }) => members.add('ben@example.com'),
      `PUT ${locusUrl}`,
      { invitees: [{ address: 'ben@example.com' }], alertIfActive: true },
    ],
    [
      'cancel',
      ({ members }) => members.cancel('ben'),
      `PUT ${locusUrl}`,
      { actionType: 'REMOVE', invitees: [{ address: 'ben' }] },
    ],
    [
      'admit',
      ({ members }) => members.admit(['ben']),
      `PUT ${locusUrl}/controls`,
      { admit: { participantIds: ['ben'] } },
    ],
    [
      'moveToLobby',
      ({ members }) => members.moveToLobby('ben'),
      `PATCH ${ben}/controls`,
      { moveToLobby: { participantIds: ['ben'] } },
    ],
    ['remove', ({ members }) => members.remove('ben'), `PUT ${ben}/leave`, { reason: 'FORCED' }],
    ['mute', ({ members }) => members.mute('ben'), `PATCH ${ben}/controls`, { audio: { muted: true } }],
    [
      'ask to unmute',
      ({ members }) => members.mute('ben', false),
      `PATCH ${ben}/controls`,
      { audio: { muted: false } },
    ],
    [
      'muteVideo',
      ({ members }) => members.muteVideo('ben'),
      `PATCH ${ben}/controls`,
      { video: { muted: true } },
    ],
    [
      'raiseHand',
      ({ members }) => members.raiseHand('ben'),
      `PATCH ${ben}/controls`,
      { hand: { raised: true } },
    ],
    [
      'lower a hand',
      ({ members }) => members.raiseHand('ben', false),
      `PATCH ${ben}/controls`,
      { hand: { raised: false } },
    ],
    [
      'lowerAllHands',
      ({ members }) => members.lowerAllHands(),
      `PATCH ${locusUrl}/controls`,
      { hand: { raised: false }, ...forAll },
    ],
    [
      'transferHost',
      ({ members }) => members.transferHost('ben'),
      `PATCH ${ben}/controls`,
      { role: { moderator: true } },
    ],
    [
      'setRole',
      ({ members }) => members.setRole('ben', 'MODERATOR', true, { hostKey: '012345' }),
      `PATCH ${ben}/controls`,
      { role: { roles: [{ type: 'MODERATOR', hasRole: true, hostKey: '012345' }] } },
    ],
    [
      'rename',
      ({ members }) => members.rename('ben', 'Benedict'),
      `POST ${ben}/alias`,
      { aliasValue: 'Benedict', ...forAll },
    ],
    [
      'lock',
      ({ controls }) => controls.lock(),
      `PATCH ${locusUrl}/controls`,
      { lock: { locked: true }, ...forAll },
    ],
    [
      'unlock',
      ({ controls }) => controls.unlock(),
      `PATCH ${locusUrl}/controls`,
      { lock: { locked: false }, ...forAll },
    ],
    [
      'muteAll',
      ({ controls }) => controls.muteAll(),
      `PATCH ${locusUrl}/controls`,
      { audio: { muted: true }, ...forAll },
    ],
    [
      'startRecording',
      ({ controls }) => controls.startRecording(),
      `PATCH ${locusUrl}/controls`,
      { record: { recording: true, paused: false }, ...forAll },
    ],
    [
      'pauseRecording',
      ({ controls }) => controls.pauseRecording(),
      `PATCH ${locusUrl}/controls`,
      { record: { recording: true, paused: true }, ...forAll },
    ],
    [
      'resumeRecording',
      ({ controls }) => controls.resumeRecording(),
      `PATCH ${locusUrl}/controls`,
      { record: { recording: true, paused: false }, ...forAll },
    ],
    [
      'stopRecording',
      ({ controls }) => controls.stopRecording(),
      `PATCH ${locusUrl}/controls`,
      { record: { recording: false, paused: false }, ...forAll },
    ],
    [
      'configure',
      ({ controls }) => controls.configure({ allowUnmute: false, sharing: 'hosts' }),
      `PATCH ${locusUrl}/controls`,
      { disallowUnmute: { enabled: true }, shareControl: { control: 'MODERATOR_PRESENTER' }, ...forAll },
    ],
    [
      'setLayout',
      ({ controls }) => controls.setLayout('Single'),
      `PUT ${locusUrl}/participant/ana/controls`,
      { layout: { deviceUrl, type: 'Single' } },
    ],
  ];
  for (const [name, call, what, body] of rows)
    it(`${name} sends ${what.replace(locusUrl, '…')}`, async () => {
      const scene = setUp();
      await call(scene);
      const [request] = scene.sent;
      expect(`${request?.method ?? 'GET'} ${request?.url ?? ''}`).to.equal(what);
      expect(JSON.parse(JSON.stringify(request?.body))).to.deep.equal({ ...body, sequence });
    });

  it('send a reaction where the meeting says', async () => {
    const { controls, sent } = setUp();
    await controls.sendReaction('heart');
    expect(sent[0]).to.deep.include({
      url: `${locusUrl}/reactions`,
      body: { sender: { participantId: 'ana' }, reaction: { type: 'heart' } },
    });
  });
  it('name the phone that was dialled, and hang it up', async () => {
    const { controls, sent } = setUp();
    const phone = await controls.usePhone('+44 20 3048 4377');
    expect(phone).to.match(/^dialout:\/\/\/[0-9a-f-]{36}$/);
    expect((sent[0]?.body as { device: object }).device).to.include({
      provisionalType: 'DIAL_OUT',
      dialoutAddress: '+44 20 3048 4377',
      url: phone,
    });
    await controls.leavePhone(phone);
    expect(sent[1]?.url).to.equal(`${locusUrl}/participant/ana/leave`);
  });
  it('refuse wrong arguments before anything is sent', async () => {
    const { members, controls, sent } = setUp();
    const wrong = 7 as never;
    for (const work of [
      members.add(''),
      members.admit('ben' as never),
      members.mute(wrong),
      members.rename('ben', ''),
      controls.configure(wrong),
      controls.sendReaction(wrong),
    ])
      expect(await failure(work)).to.include({ code: 'ERR_ARGUMENT' });
    expect(sent).to.deep.equal([]);
  });
});

describe('members', () => {
  it('are the same objects over states, and each change is one event', () => {
    const { roster, members } = setUp();
    const events: string[] = [];
    members.on('update', ({ added, updated, removed }) => {
      const ids = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => id).join('+');
      events.push(`${ids(added)}/${ids(updated)}/${ids(removed)}`);
    });
    roster.show(locus(1));
    const ben = members.get('ben');
    roster.show(locus(2));
    roster.show(locus(3, { participants: [participant('ana'), participant('ben', { state: 'LEFT' })] }));
    roster.show(locus(4, { participants: [participant('ana')] }));
    expect(events).to.deep.equal(['ana+ben//', '/ben/', '//ben']);
    expect(ben?.status).to.equal('left');
    expect(members.self?.id).to.equal('ana');
    expect(members.all.map(({ id }) => id)).to.deep.equal(['ana']);
  });
});
