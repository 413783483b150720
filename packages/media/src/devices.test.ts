import { expect } from 'chai';
import { FakeMediaDevices, device, fakeEnvironment, settled } from '../test/fakes.js';
import { createDevices, type DeviceEvents } from './devices.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('devices', () => {
  it('are listed, all or of one kind', async () => {
    const devices = createDevices(fakeEnvironment(), () => undefined);
    expect(devices.current).to.deep.equal([]);
    expect(await devices.list()).to.have.length(6);
    const cameras = await devices.list('videoinput');
    expect(cameras.map(({ deviceId }) => deviceId)).to.deep.equal(['cam1', 'cam2', 'cam3']);
    expect(devices.current).to.have.length(6);
  });
  it('tell what was added and removed, and nothing when nothing changed', async () => {
    const fake = new FakeMediaDevices();
    const devices = createDevices(fakeEnvironment(fake), () => undefined);
    const changes: DeviceEvents['change'][] = [];
    devices.on('change', (change) => changes.push(change));
    await devices.list();
    fake.dispatchEvent(new Event('devicechange'));
    await settled();
    expect(changes).to.deep.equal([]);
    await fake.plug(device('audiooutput', 'headset'));
    await fake.unplug('cam2');
    expect(
      changes.map(({ added, removed }) => [added, removed].map((list) => list.map((one) => one.deviceId))),
    ).to.deep.equal([
      [['headset'], []],
      [[], ['cam2']],
    ]);
  });
  it('take the later of two answers that overtake each other', async () => {
    const fake = new FakeMediaDevices();
    const devices = createDevices(fakeEnvironment(fake), () => undefined);
    const answers: ((list: (typeof fake)['devices']) => void)[] = [];
    fake.enumerateDevices = () => new Promise((resolve) => answers.push(resolve));
    const [first, second] = [devices.list(), devices.list()];
    answers[1]?.([device('videoinput', 'new')]);
    answers[0]?.([device('videoinput', 'old')]);
    await Promise.all([first, second]);
    expect(devices.current.map(({ deviceId }) => deviceId)).to.deep.equal(['new']);
  });
  it('leave no listener behind', async () => {
    const fake = new FakeMediaDevices();
    const devices = createDevices(fakeEnvironment(fake), () => undefined);
    devices.on('change', () => undefined);
    await devices.list();
    expect(fake.listeners).to.equal(1);
    devices.close();
    expect(fake.listeners).to.equal(0);
  });
  it('say what is missing where there are none', async () => {
    const devices = createDevices(fakeEnvironment(undefined, { mediaDevices: undefined }), () => undefined);
    expect(await failure(devices.list())).to.include({ code: 'ERR_ENVIRONMENT' });
  });
});
