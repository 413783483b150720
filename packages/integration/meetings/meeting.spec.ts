import { expect } from 'chai';
import { enginesOf, openMeetings, type Attendee, type MeetingStage } from './kit.js';

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
    for (const { page, run } of people) {
      await run('close');
      await page.context().close();
    }
    people = [];
  });
  const attend = async <const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [K in keyof Names]: Attendee }> => {
    const found = await Promise.all(names.map((name) => stage.attend(name)));
    people.push(...found);
    return found as { [K in keyof Names]: Attendee };
  };

  it('a 1:1 call rings, is answered, and both receive picture and sound', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await ana.run('join', { to: 'ben@example.com' });
    await ben.run('answer');
    await Promise.all([ana.run('addMedia', {}), ben.run('addMedia', {})]);
    await ana.run('untilState', { name: 'callState', value: 'answered' });
    for (const one of [ana, ben]) {
      const picture = await one.run('picture', {});
      expect(picture.isMoving, 'moving').to.equal(true);
      expect(picture.width).to.be.greaterThan(300);
      await one.run('receivesSound', {});
    }
    await ben.call('leave');
    await ana.run('untilState', { name: 'endReason', value: 'partnerLeft' });
  });

  const meet = async (host: Attendee, ...guests: readonly Attendee[]): Promise<string> => {
    const link = await host.run('personalRoom');
    await host.run('join', { to: link });
    for (const guest of guests) await guest.run('join', { to: link });
    await Promise.all([host, ...guests].map((one) => one.run('addMedia', {})));
    return link;
  };
  const idOf = async (from: Attendee, name: string): Promise<string> => {
    const found = (await from.run('members')).find((member) => member['name'] === name);
    return String(found?.['id']);
  };

  it('the first one has media while it is alone', async () => {
    const [ana] = await attend('ana');
    await meet(ana);
    expect((await ana.run('state'))['connection']).to.equal('connected');
  });

  it('three people meet: each receives the picture and sound of others', async () => {
    const all = await attend('ana', 'ben', 'cleo');
    await meet(...all);
    for (const one of all) {
      expect((await one.run('picture', {})).isMoving).to.equal(true);
      await one.run('receivesSound', {});
      expect(
        (await one.run('members')).map(({ name, status }) => `${String(name)} ${String(status)}`),
      ).to.have.members(['Ana joined', 'Ben joined', 'Cleo joined']);
    }
  });

  it('a host mutes, and no sound arrives; unmuting takes both', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await ana.run('receivesSound', {});
    const loud = (await ana.run('sound', { ms: 1500 })).energy;
    const id = await idOf(ana, 'Ben');
    await ana.call('members.mute', id);
    await ben.run('untilState', { name: 'isMutedByHost', value: true });
    await ana.run('untilMember', { name: 'Ben', isAudioMuted: true });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await ana.run('sound', { ms: 1500 })).energy).to.be.lessThan(loud / 100);
    // the host asks, the user agrees
    await ana.call('members.mute', id, false);
    await ben.run('untilState', { name: 'isUnmuteRequested', value: true });
    const own = await idOf(ben, 'Ben');
    await ben.run('setMuted', { muted: false });
    await ben.call('members.mute', own, false);
    await ana.run('untilMember', { name: 'Ben', isAudioMuted: false });
    await ana.run('receivesSound', {});
  });

  it('a screen is shared to the others, and taken over by the next one', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await ben.run('shareColour', { colour: '#00f' });
    await ana.run('untilState', { name: 'share', value: 'remote' });
    const seen = await ana.run('picture', { slot: 'slides' });
    expect(seen.colour[2], 'blue').to.be.greaterThan(180);
    expect(seen.colour[0], 'red').to.be.lessThan(60);
    await ana.run('shareColour', { colour: '#f00' });
    await ben.run('untilState', { name: 'share', value: 'remote' });
    const taken = await ben.run('picture', { slot: 'slides' });
    expect(taken.colour[0], 'red').to.be.greaterThan(180);
    await ana.call('stopShare');
    await ben.run('untilState', { name: 'share', value: 'none' });
  });

  it('a locked meeting has a lobby: nothing of it is seen there until a host admits', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    const link = await ana.run('personalRoom');
    await ana.run('join', { to: link });
    await ana.call('lock');
    await ben.run('join', { to: link });
    await ben.run('untilState', { name: 'isInLobby', value: true });
    expect((await ben.run('members')).map(({ name }) => name)).to.deep.equal(['Ben']);
    await ana.run('untilMember', { name: 'Ben', status: 'lobby' });
    await ana.call('members.admit', [await idOf(ana, 'Ben')]);
    await ben.run('untilState', { name: 'isInLobby', value: false });
    await Promise.all([ana.run('addMedia', {}), ben.run('addMedia', {})]);
    expect((await ben.run('picture', {})).isMoving).to.equal(true);
  });

  it('hands, reactions, names and the end reach everybody', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    const link = await ana.run('personalRoom');
    await ana.run('join', { to: link });
    await ben.run('join', { to: link });
    const own = await idOf(ben, 'Ben');
    await ben.call('members.raiseHand', own);
    await ana.run('untilMember', { name: 'Ben', isHandRaised: true });
    await ben.call('sendReaction', 'heart');
    await ana.run('untilLogged', { text: 'reaction heart Ben' });
    await ben.call('members.rename', own, 'Benedict');
    await ana.run('untilMember', { name: 'Benedict' });
    await ana.call('endForAll');
    await ben.run('untilState', { name: 'endReason', value: 'ended' });
  });

  it('a page that is closed leaves its meeting at once', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    const before = Date.now();
    await ben.page.goto('about:blank');
    await ana.run('untilMember', { name: 'Ben', status: 'left' });
    expect(Date.now() - before).to.be.lessThan(5000);
    people = people.filter((one) => one !== ben);
    await ben.page.context().close();
  });

  it('a recording is a file with the picture and the sound of the meeting, for the host', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await ana.run('receivesSound', {});
    await ana.call('startRecording');
    await ben.run('untilState', { name: 'recording', value: 'on' });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await ana.call('stopRecording');
    await ben.run('untilState', { name: 'recording', value: 'off' });
    const list = async (who: Attendee): Promise<{ downloadUrl: string; durationSeconds: number }[]> => {
      const response = await fetch(`${stage.cloud.url}/v1/recordings`, {
        headers: { authorization: `Bearer ${who.person.accessToken}` },
      });
      return ((await response.json()) as { items: { downloadUrl: string; durationSeconds: number }[] }).items;
    };
    let items = await list(ana);
    for (
      const deadline = Date.now() + 5000;
      items.length === 0 && Date.now() < deadline;
      items = await list(ana)
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await list(ben)).to.deep.equal([]);
    const played = await ana.run('playFile', { url: items[0]?.downloadUrl ?? '' });
    expect(played.seconds).to.be.within(3, 6);
    expect(played.brightness, 'brightness').to.be.greaterThan(20);
    expect(played.loudness, 'loudness').to.be.greaterThan(0.01);
  });

  it('media goes on while sockets are cut, and what happened meanwhile is there afterwards', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await ana.run('receivesSound', {});
    const own = await idOf(ben, 'Ben');
    const refuse = await stage.cloud.fault({ kind: 'refuse-sockets', match: { userId: ana.person.id } });
    await stage.cloud.fault({ kind: 'drop-sockets', match: { userId: ana.person.id } });
    await ben.call('members.raiseHand', own);
    expect((await ana.run('sound', { ms: 1500 })).packets).to.be.greaterThan(20);
    await refuse();
    await ana.run('untilMember', { name: 'Ben', isHandRaised: true });
    expect((await ana.run('state'))['endReason']).to.equal(undefined);
  });

  it('media is back by itself after the media process was killed', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await Promise.all([ana.run('receivesSound', {}), ben.run('receivesSound', {})]);
    for (const pid of await enginesOf(stage.service.pid)) process.kill(pid, 'SIGKILL');
    await Promise.all([
      ana.run('untilLogged', { text: 'connection reconnecting', withinMs: 20_000 }),
      ben.run('untilLogged', { text: 'connection reconnecting', withinMs: 20_000 }),
    ]);
    for (const one of [ana, ben]) {
      await one.run('untilConnected', {});
      expect((await one.run('picture', { withinMs: 30_000 })).isMoving).to.equal(true);
      await one.run('receivesSound', { withinMs: 20_000 });
    }
  });

  it('everybody is back after the service was killed and started again', async () => {
    const [ana, ben] = await attend('ana', 'ben');
    await meet(ana, ben);
    await ana.run('receivesSound', {});
    await stage.service.kill();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await stage.service.start();
    for (const one of [ana, ben]) {
      await one.run('untilLogged', { text: 'connection reconnecting', withinMs: 30_000 });
      await one.run('untilConnected', {});
      await one.run('receivesSound', { withinMs: 20_000 });
    }
    await ben.call('members.raiseHand', await idOf(ben, 'Ben'));
    await ana.run('untilMember', { name: 'Ben', isHandRaised: true });
  });
});
