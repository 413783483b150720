import { expect } from 'chai';
import { FakeMediaDevices, device, domError, fakeEnvironment, settled } from '../test/fakes.js';
import { createCapture } from './capture.js';
import { createDevices } from './devices.js';
import { createSource } from './source.js';
import type { LocalSource, SourceEvents, SourceOptions } from './source-types.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

function setUp(kind: 'camera' | 'microphone', options: SourceOptions = {}) {
  const fake = new FakeMediaDevices();
  const environment = fakeEnvironment(fake);
  const reports: unknown[] = [];
  const report = (error: unknown): void => {
    reports.push(error);
  };
  const capture = createCapture(environment);
  const devices = createDevices(environment, report);
  const state: { permission: PermissionState | undefined } = { permission: 'granted' };
  const source = createSource(
    kind,
    { capture, devices, permission: () => Promise.resolve(state.permission), report },
    options,
  );
  const events: SourceEvents['device'][] = [];
  source.on('device', (event) => events.push(event));
  return { fake, capture, devices, source, events, reports, state };
}
const notified = (events: readonly SourceEvents['device'][]): readonly string[] =>
  events.map(({ reason, from, to }) => `${reason}: ${from?.deviceId ?? 'none'} -> ${to?.deviceId ?? 'none'}`);
/** enabled of every live track */
const sound = ({ live }: FakeMediaDevices): readonly boolean[] => live.map(({ enabled }) => enabled);

describe('a camera or microphone', () => {
  describe('start and stop', () => {
    it('opens the device with its own call, the constraints and the chosen id', async () => {
      const { source, fake } = setUp('camera', { constraints: { height: 720 }, deviceId: 'cam2' });
      await source.start();
      expect(fake.calls).to.deep.equal([{ video: { height: 720, deviceId: { exact: 'cam2' } } }]);
      expect(source).to.include({ state: 'live', sending: true, muted: false });
      expect(source.device).to.deep.equal({ deviceId: 'cam2', label: 'cam2' });
      source.stop();
      expect(fake.live).to.deep.equal([]);
      expect(source.track).to.equal(undefined);
    });
    it('emits each change once', async () => {
      const { source } = setUp('camera');
      const states: string[] = [];
      source.on('change', ({ state }) => states.push(state));
      await source.start();
      await source.start();
      source.stop();
      source.stop();
      expect(states).to.deep.equal(['starting', 'live', 'off']);
    });
    it('asks once for two calls', async () => {
      const { source, fake } = setUp('camera');
      await Promise.all([source.start(), source.start()]);
      expect(fake.calls).to.have.length(1);
    });
    for (const last of ['on', 'off'] as const)
      it(`follows the last of twenty quick clicks: ${last} (M-08)`, async () => {
        const { source, fake } = setUp('camera');
        let release: () => void = () => undefined;
        fake.held = new Promise<void>((resolve) => (release = resolve));
        const started: Promise<void>[] = [];
        for (let n = 0; n < 20; n += 1) {
          const on = (n % 2 === 0) === (last === 'off');
          if (on) started.push(source.start());
          else source.stop();
          await Promise.resolve();
        }
        if (last === 'on') started.push(source.start());
        else source.stop();
        release();
        await Promise.all(started);
        await settled();
        expect(source.state).to.equal(last === 'on' ? 'live' : 'off');
        expect(fake.live).to.have.length(last === 'on' ? 1 : 0);
        expect(fake.calls.length).to.be.lessThan(4);
      });
  });

  describe('failures at the start (M-03)', () => {
    for (const [name, code, fields] of [
      ['NotAllowedError', 'ERR_MEDIA_DENIED', {}],
      ['NotReadableError', 'ERR_MEDIA_BUSY', {}],
      ['AbortError', 'ERR_MEDIA_BUSY', {}],
      ['NotFoundError', 'ERR_MEDIA_NO_DEVICE', {}],
      ['OverconstrainedError', 'ERR_MEDIA_NO_DEVICE', { constraint: 'deviceId' }],
      ['OverconstrainedError', 'ERR_MEDIA_CONSTRAINTS', { constraint: 'width' }],
      ['TypeError', 'ERR_MEDIA_BUSY', {}],
    ] as const)
      it(`${name} ${JSON.stringify(fields)} is ${code}; a later start works`, async () => {
        const { source, fake, events, reports } = setUp('camera');
        fake.refuse = () => {
          throw domError(name, fields);
        };
        expect(await failure(source.start())).to.include({ code, phase: 'device' });
        expect(source.state).to.equal('off');
        fake.refuse = () => undefined;
        await source.start();
        expect(source.state).to.equal('live');
        expect(events).to.deep.equal([]);
        expect(reports).to.deep.equal([]);
      });
    it('says in plain words that a page without https has no devices', async () => {
      const environment = fakeEnvironment(undefined, { mediaDevices: undefined, isSecure: false });
      const report = (): void => undefined;
      const source = createSource('camera', {
        capture: createCapture(environment),
        devices: createDevices(environment, report),
        permission: () => Promise.resolve(undefined),
        report,
      });
      const error = await failure(source.start());
      expect(error).to.include({ code: 'ERR_ENVIRONMENT' });
      expect((error as Error).message).to.include('https');
    });
  });

  describe('unplugged (M-01)', () => {
    for (const order of ['ended first', 'change first'] as const)
      for (const kind of ['camera', 'microphone'] as const)
        it(`is replaced by another ${kind}, reported once, and used again when it is back; ${order}`, async () => {
          const [prefix, input] =
            kind === 'camera' ? ['cam', 'videoinput' as const] : ['mic', 'audioinput' as const];
          const { source, fake, events } = setUp(kind, { deviceId: `${prefix}2`, muted: true });
          await source.start();
          await fake.unplug(`${prefix}2`, order);
          expect(source.device?.deviceId).to.equal(`${prefix}1`);
          expect(source).to.include({ state: 'live', muted: true, chosenDeviceId: `${prefix}2` });
          await fake.plug(device(input, `${prefix}2`));
          expect(source.device?.deviceId).to.equal(`${prefix}2`);
          expect(notified(events)).to.deep.equal([
            `unplugged: ${prefix}2 -> ${prefix}1`,
            `returned: ${prefix}1 -> ${prefix}2`,
          ]);
          expect(fake.live).to.have.length(1);
          expect(sound(fake)).to.deep.equal([false]);
        });
    it('waits when none is left, sends nothing, and goes on when there is one again', async () => {
      const { source, fake, events } = setUp('microphone');
      fake.devices = [device('audioinput', 'only')];
      await source.start();
      await fake.unplug('only');
      expect(source).to.include({ state: 'waiting', sending: false });
      await fake.plug(device('audioinput', 'other'));
      expect(source).to.include({ state: 'live', sending: true });
      expect(notified(events)).to.deep.equal(['unplugged: only -> none', 'returned: none -> other']);
    });
    it('tries the next one when the first replacement cannot be found either', async () => {
      const { source, fake, events } = setUp('camera', { deviceId: 'cam3' });
      await source.start();
      fake.refuse = (_, deviceId) => {
        if (deviceId === 'cam1') throw domError('OverconstrainedError', { constraint: 'deviceId' });
      };
      await fake.unplug('cam3');
      expect(notified(events)).to.deep.equal(['unplugged: cam3 -> cam2']);
    });
    it('tries a device that could not be found again when the list has changed', async () => {
      const { source, fake } = setUp('camera', { deviceId: 'cam3' });
      await source.start();
      let broken = 'cam1';
      fake.refuse = (_, deviceId) => {
        if (deviceId === broken) throw domError('OverconstrainedError', { constraint: 'deviceId' });
      };
      await fake.unplug('cam3');
      expect(source.device?.deviceId).to.equal('cam2');
      broken = '';
      await fake.unplug('cam2');
      expect(source.device?.deviceId).to.equal('cam1');
    });
    it('is opened again when it ended and is still there', async () => {
      const { source, fake, events } = setUp('camera', { deviceId: 'cam2' });
      await source.start();
      fake.live[0]?.end();
      await settled();
      expect(notified(events)).to.deep.equal(['ended: cam2 -> cam2']);
      expect(source.state).to.equal('live');
    });
    it('is off, and reported as busy, when it ended and cannot be opened again', async () => {
      const { source, fake, events } = setUp('camera', { deviceId: 'cam2' });
      await source.start();
      fake.refuse = () => {
        throw domError('NotReadableError');
      };
      fake.live[0]?.end();
      await settled();
      expect(notified(events)).to.deep.equal(['busy: cam2 -> none']);
      expect(events[0]?.error).to.include({ code: 'ERR_MEDIA_BUSY' });
      expect(source).to.include({ state: 'off', sending: false });
    });
  });

  describe('permission revoked (M-03)', () => {
    for (const known of [true, false])
      it(`is off and reported as denied, ${known ? 'by the permission' : 'by the next attempt'}; starting works once it is granted`, async () => {
        const { source, fake, events, state } = setUp('camera');
        await source.start();
        state.permission = known ? 'denied' : undefined;
        fake.refuse = () => {
          throw domError('NotAllowedError');
        };
        fake.live[0]?.end();
        await settled();
        expect(notified(events)).to.deep.equal(['denied: cam1 -> none']);
        expect(events[0]?.error).to.include({ code: 'ERR_MEDIA_DENIED' });
        expect(source).to.include({ state: 'off', sending: false });
        fake.refuse = () => undefined;
        state.permission = 'granted';
        await source.start();
        expect(source.state).to.equal('live');
      });
  });

  describe('switching (M-02)', () => {
    it('stays muted over three devices; unmuting once opens the new one', async () => {
      const { source, fake, events } = setUp('microphone');
      await source.start();
      source.setUserMuted(true);
      const everEnabled: boolean[] = [];
      source.onTrack((track) => everEnabled.push(track?.enabled ?? false));
      for (const id of ['mic2', 'mic3', 'mic1']) {
        await source.setDevice(id);
        expect(source.device?.deviceId).to.equal(id);
        expect(sound(fake)).to.deep.equal([false]);
      }
      expect(everEnabled).to.deep.equal([false, false, false]);
      expect(source.muted).to.equal(true);
      source.setUserMuted(false);
      expect(sound(fake)).to.deep.equal([true]);
      expect(notified(events)).to.deep.equal([
        'chosen: mic1 -> mic2',
        'chosen: mic2 -> mic3',
        'chosen: mic3 -> mic1',
      ]);
    });
    it('hands over the new track before the old one ends', async () => {
      const { source, fake } = setUp('camera');
      await source.start();
      const [old] = fake.live;
      let oldState: string | undefined;
      source.onTrack(() => (oldState = old?.readyState));
      await source.setDevice('cam2');
      expect(oldState).to.equal('live');
      expect(old?.readyState).to.equal('ended');
    });
    it('goes on with the old device when the new one cannot be opened', async () => {
      const { source, fake, events } = setUp('camera', { deviceId: 'cam1' });
      await source.start();
      fake.refuse = () => {
        throw domError('NotReadableError');
      };
      expect(await failure(source.setDevice('cam2'))).to.include({ code: 'ERR_MEDIA_BUSY' });
      expect(source).to.include({ state: 'live', chosenDeviceId: 'cam1' });
      expect(events).to.deep.equal([]);
    });
    it('takes the last of several choices', async () => {
      const { source, fake } = setUp('camera');
      await source.start();
      await Promise.all(['cam2', 'cam3', 'cam2', 'cam3'].map((id) => source.setDevice(id)));
      expect(source.device?.deviceId).to.equal('cam3');
      expect(fake.live).to.have.length(1);
    });
    it('is remembered while off', async () => {
      const { source, fake } = setUp('camera');
      await source.setDevice('cam3');
      expect(fake.calls).to.deep.equal([]);
      await source.start();
      expect(source.device?.deviceId).to.equal('cam3');
    });
    it('changes constraints of the present track, and uses them for the next', async () => {
      const { source, fake } = setUp('camera');
      await source.start();
      await source.setConstraints({ width: 320 });
      expect(fake.live[0]?.constraints).to.deep.equal({ width: 320 });
      await source.setDevice('cam2');
      expect(fake.calls.at(-1)).to.deep.equal({ video: { width: 320, deviceId: { exact: 'cam2' } } });
    });
  });

  describe('release (M-04)', () => {
    const isReleased = ({ tracks }: FakeMediaDevices): boolean =>
      tracks.every(({ readyState }) => readyState === 'ended');
    const whileAsking = (run: (source: LocalSource) => void) => async () => {
      const { source, fake, capture } = setUp('camera');
      let release: () => void = () => undefined;
      fake.held = new Promise<void>((resolve) => (release = resolve));
      const started = failure(source.start());
      await settled();
      run(source);
      release();
      await started;
      await settled();
      expect(fake.tracks).to.have.length(1);
      expect(isReleased(fake)).to.equal(true);
      expect(capture.tracks.size).to.equal(0);
    };
    it(
      'stops a track that arrives after stop',
      whileAsking((source) => {
        source.stop();
      }),
    );
    it(
      'stops a track that arrives after close',
      whileAsking((source) => {
        source.close();
      }),
    );
    it('resolves a start that stop overtook, while the user is still being asked', async () => {
      const { source, fake } = setUp('camera');
      fake.held = new Promise(() => undefined);
      const started = source.start();
      await settled();
      source.stop();
      await started;
      expect(source.state).to.equal('off');
    });
    it('rejects a start that close overtook', async () => {
      const { source, fake } = setUp('camera');
      fake.held = new Promise(() => undefined);
      const started = failure(source.start());
      await settled();
      source.close();
      expect(await started).to.include({ code: 'ERR_MEDIA_ENDED' });
      expect(await failure(source.start())).to.include({ code: 'ERR_MEDIA_ENDED' });
    });
    it('stops both tracks when it is closed while switching', async () => {
      const { source, fake } = setUp('camera');
      await source.start();
      let release: () => void = () => undefined;
      fake.held = new Promise<void>((resolve) => (release = resolve));
      const switched = failure(source.setDevice('cam2'));
      await settled();
      source.close();
      release();
      await switched;
      await settled();
      expect(fake.tracks).to.have.length(2);
      expect(isReleased(fake)).to.equal(true);
    });
  });

  it('reports what a listener throws, and goes on', async () => {
    const { source, reports } = setUp('camera');
    source.on('change', () => {
      throw new Error('mine');
    });
    await source.start();
    expect(source.state).to.equal('live');
    expect(reports).to.have.length(2);
  });
});
