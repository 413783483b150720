import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { delta, deviceUrl, locus, locusUrl, participant } from '../test/locus.js';
import { createMeetings, type Meetings } from './meetings.js';

type Answer = unknown;
const nameOf = ({ method = 'GET', service, path, url }: RequestOptions): string =>
  `${method} ${url?.replace('https://cloud.test/', '') ?? `${service ?? ''}/${path ?? ''}`}`;
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const refusal = (status: number, body: object): Error =>
  Object.assign(sdkError('ERR_FORBIDDEN', 'no', { status }), { body });

const info = {
  meetingName: 'Standup',
  meetingJoinUrl: 'https://cloud.test/m/2554000001',
  sipUrl: '2554000001@meet.trunkline',
};

function scene(answers: Record<string, Answer> = {}) {
  const all: Record<string, Answer> = {
    'POST webex-appapi-service/meetingInfo': info,
    'POST locus/loci/call': { locus: locus(1), mediaConnections: [{ mediaId: 'm1' }] },
    'GET locus/loci': { loci: [] },
    [`PUT ${locusUrl.replace('https://cloud.test/', '')}/participant/ana/leave`]: {},
    ...answers,
  };
  const request = sinon.spy((options: RequestOptions): unknown => {
    const answer = all[nameOf(options)];
    if (answer === undefined) throw new Error(`no one answers ${nameOf(options)}`);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const host: FakeHost = fakeHost({ request });
  return { host, request, all, meetings: createMeetings(host) };
}
const bodyOf = (request: sinon.SinonSpy, name: string): Record<string, unknown> => {
  const found = request.getCalls().find(({ args }) => nameOf(args[0] as RequestOptions) === name);
  return (found?.args[0] as RequestOptions).body as Record<string, unknown>;
};
const call = locus(1, {
  fullState: { ...locus(1).fullState, type: 'CALL' },
  participants: [participant('ana', { state: 'NOTIFIED', devices: [] }), participant('ben')],
});
const incoming = (host: FakeHost, state = call): void => {
  void host.fire('locus.self_changed', { eventType: 'locus.self_changed', locusUrl, locus: state });
};
const ring = (): { meetings: Meetings; host: FakeHost; request: sinon.SinonSpy } => {
  const all = scene({
    [`PUT locus/api/v1/loci/1/participant/alert`]: {},
    [`PUT locus/api/v1/loci/1/participant/decline`]: {},
    [`POST locus/api/v1/loci/1/participant`]: { locus: locus(2), mediaConnections: [{ mediaId: 'm1' }] },
  });
  incoming(all.host);
  return all;
};

describe('meetings', () => {
  it('are made of an address, and joined by the link that the service gave', async () => {
    const { meetings, request } = scene();
    const added = sinon.spy();
    meetings.on('added', added);
    const meeting = await meetings.create('2554000001');
    sinon.assert.calledOnceWithMatch(added, { meeting, by: 'you' });
    expect(meeting.state.title).to.equal('Standup');
    await meeting.join({ displayName: 'Ana L.' });
    expect(bodyOf(request, 'POST locus/loci/call')).to.deep.include({
      invitee: { address: info.meetingJoinUrl },
      device: { url: deviceUrl, deviceType: 'WEB' },
      alias: 'Ana L.',
    });
    expect(meeting.state).to.include({ callState: 'joined', isActive: true });
    expect(meeting.members.joined.map(({ id }) => id)).to.deep.equal(['ana', 'ben']);
  });
  it('are the same object for the same place, also at the same time', async () => {
    const { meetings } = scene();
    const [one, other] = await Promise.all([meetings.create('2554000001'), meetings.create('255 400 0001')]);
    expect(one).to.equal(other);
    expect(meetings.all).to.deep.equal([one]);
  });
  it('refuse anything but an address before anything is sent', async () => {
    const { meetings, request } = scene();
    for (const wrong of ['', 'Ana', 'https://example.com/', 7, null])
      expect(await failure(meetings.create(wrong as string))).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });
  it('say that there is no such meeting; an email address may be a person', async () => {
    const { meetings, all } = scene();
    all['POST webex-appapi-service/meetingInfo'] = sdkError('ERR_NOT_FOUND', 'no', { status: 404 });
    expect(await failure(meetings.create('2554000001'))).to.include({
      code: 'ERR_MEETING_NOT_FOUND',
      phase: 'info',
    });
    expect((await meetings.create('ben@example.com')).state.callState).to.equal('idle');
  });
  it('share one join between calls at the same time', async () => {
    const { meetings, request } = scene();
    const meeting = await meetings.create('2554000001');
    await Promise.all([meeting.join(), meeting.join()]);
    expect(
      request.getCalls().filter(({ args }) => nameOf(args[0]) === 'POST locus/loci/call'),
    ).to.have.length(1);
  });
  it('name the reason when joining is refused, and can be joined afterwards', async () => {
    const { meetings, all } = scene();
    const meeting = await meetings.create('2554000001');
    const answer = all['POST locus/loci/call'];
    for (const [status, errorCode, code] of [
      [423, 2423006, 'ERR_MEETING_PIN'],
      [423, 2423021, 'ERR_MEETING_FULL'],
      [403, 403004, 'ERR_MEETING_PASSWORD'],
      [409, 2409021, 'ERR_MEETING_ENDED'],
      [404, undefined, 'ERR_MEETING_NOT_FOUND'],
    ] as const) {
      all['POST locus/loci/call'] = sdkError('ERR_HTTP', 'no', { status, errorCode });
      expect(await failure(meeting.join())).to.include({ code, phase: 'join', status });
      expect(meeting.state.callState).to.equal('error');
    }
    all['POST locus/loci/call'] = answer;
    await meeting.join();
    expect(meeting.state.callState).to.equal('joined');
  });

  describe('with a password', () => {
    const locked = (more: object = {}): Error =>
      refusal(403, { code: 403004, data: { meetingInfo: info }, ...more });
    it('are not joined without it, and with it by the token that it gave', async () => {
      const { meetings, all, request } = scene({ 'POST webex-appapi-service/meetingInfo': locked() });
      const meeting = await meetings.create('2554000001');
      expect(meeting.state).to.include({ passwordStatus: 'required', title: 'Standup' });
      expect(await failure(meeting.join())).to.include({ code: 'ERR_MEETING_PASSWORD' });
      expect(await meeting.verifyPassword('wrong')).to.equal(false);
      all['POST webex-appapi-service/meetingInfo'] = { ...info, permissionToken: 't.o.k' };
      expect(await meeting.verifyPassword('right')).to.equal(true);
      expect(meeting.state.passwordStatus).to.equal('verified');
      await meeting.join();
      expect(bodyOf(request, 'POST locus/loci/call')).to.include({ permissionToken: 't.o.k' });
    });
    it('show the captcha that is required, and send its code with the password', async () => {
      const captcha = {
        captchaID: 'c1',
        verificationImageURL: 'https://cloud.test/i',
        verificationAudioURL: 'https://cloud.test/a',
        refreshURL: 'https://cloud.test/r?',
      };
      const { meetings, all, request } = scene({
        'POST webex-appapi-service/meetingInfo': refusal(423, { code: 423005, ...captcha }),
      });
      const meeting = await meetings.create('2554000001');
      expect(meeting.state.requiredCaptcha).to.include({ captchaId: 'c1' });
      all['POST r?siteFullName=cloud.test'] = { ...captcha, captchaID: 'c2' };
      await meeting.refreshCaptcha();
      expect(meeting.state.requiredCaptcha?.captchaId).to.equal('c2');
      await meeting.verifyPassword('x', '12345');
      expect(request.lastCall.args[0].body).to.include({
        password: 'x',
        captchaID: 'c2',
        captchaVerifyCode: '12345',
      });
    });
  });

  describe('calls', () => {
    it('come in with who calls, and are answered at the same URL', async () => {
      const { meetings, request } = ring();
      const [meeting] = meetings.all;
      expect(meeting?.state).to.include({ kind: 'call', isIncoming: true, callState: 'idle' });
      await meeting?.acknowledge();
      expect(meeting?.state.callState).to.equal('ringing');
      await meeting?.join();
      expect(meeting?.state.callState).to.equal('joined');
      sinon.assert.calledWithMatch(request, { method: 'POST', url: `${locusUrl}/participant` });
    });
    it('are declined once', async () => {
      const { meetings } = ring();
      const removed = sinon.spy();
      meetings.on('removed', removed);
      const [meeting] = meetings.all;
      await meeting?.decline('BUSY');
      sinon.assert.calledOnceWithMatch(removed, { reason: 'declined' });
      expect(meetings.all).to.deep.equal([]);
    });
    it('end when the caller gives up', () => {
      const { meetings, host } = ring();
      const [meeting] = meetings.all;
      incoming(
        host,
        locus(3, {
          fullState: { ...locus(1).fullState, type: 'CALL', state: 'INACTIVE', active: false },
          participants: [
            participant('ana', { state: 'LEFT', reason: 'MEETING_ENDED', devices: [] }),
            participant('ben', { state: 'LEFT' }),
          ],
        }),
      );
      expect(meeting?.state).to.include({ endReason: 'partnerLeft', callState: 'ended' });
      expect(meetings.all).to.deep.equal([]);
    });
  });

  it('are left even when the service has forgotten them', async () => {
    const { meetings, all } = scene();
    const meeting = await meetings.create('2554000001');
    await meeting.join();
    all['PUT locus/api/v1/loci/1/participant/ana/leave'] = sdkError('ERR_NOT_FOUND', 'no', { status: 404 });
    await meeting.leave();
    expect(meeting.state).to.include({ endReason: 'left', callState: 'ended' });
    await meeting.leave();
  });
  it('are left at once without a network, and at the service when it is back', async () => {
    const { meetings, all, host, request } = scene();
    const meeting = await meetings.create('2554000001');
    await meeting.join();
    const path = 'PUT locus/api/v1/loci/1/participant/ana/leave';
    all[path] = sdkError('ERR_NETWORK', 'no');
    await meeting.leave();
    expect(meeting.state.endReason).to.equal('left');
    all[path] = {};
    const [ana, ben] = locus(1).participants;
    const devices = [
      { ...(ana?.devices[0] ?? participant('ana').devices[0]), correlationId: meeting.correlationId },
    ];
    const still = locus(2, {
      participants: [participant('ana', { devices: devices as never }), ben ?? participant('ben')],
    });
    all['GET locus/loci'] = { loci: [still] };
    await meetings.sync();
    expect(meetings.all).to.deep.equal([]);
    expect(request.getCalls().filter(({ args }) => nameOf(args[0]) === path)).to.have.length(2);
    // once
    void host.fire('locus.self_changed', { eventType: 'locus.self_changed', locusUrl, locus: still });
    expect(request.getCalls().filter(({ args }) => nameOf(args[0]) === path)).to.have.length(2);
  });
  it('follow deltas of the socket', async () => {
    const { meetings, host } = scene();
    const meeting = await meetings.create('2554000001');
    await meeting.join();
    const update = sinon.spy();
    meeting.members.on('update', update);
    void host.fire('locus.difference', {
      eventType: 'locus.difference',
      locusUrl,
      locus: delta(1, 2, { participants: [participant('ben', { controls: { hand: { raised: true } } })] }),
    });
    sinon.assert.calledOnce(update);
    expect(meeting.members.get('ben')?.isHandRaised).to.equal(true);
  });
  it('say who speaks', async () => {
    const { meetings, host } = scene();
    const meeting = await meetings.create('2554000001');
    await meeting.join();
    const speakers = (speaking: readonly string[], dominant?: string): void => {
      void host.fire('meeting.speakers_changed', {
        eventType: 'meeting.speakers_changed',
        locusUrl,
        speaking,
        ...(dominant !== undefined && { dominant }),
      });
    };
    speakers(['ben'], 'ben');
    expect(meeting.members.get('ben')?.isSpeaking).to.equal(true);
    speakers([]);
    expect(meeting.members.get('ben')?.isSpeaking).to.equal(false);
    expect(meeting.state.activeSpeakerId).to.equal('ben');
  });
  it('refuse calls that need a meeting before it is joined', async () => {
    const { meetings } = scene();
    const meeting = await meetings.create('2554000001');
    for (const work of [
      meeting.members.mute('ben'),
      meeting.lock(),
      meeting.addMedia(),
      meeting.sendDtmf('1'),
      meeting.leave(),
    ])
      expect(await failure(work)).to.include({ code: 'ERR_MEETING_NOT_JOINED' });
  });
});
