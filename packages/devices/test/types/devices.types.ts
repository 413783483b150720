// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { devices } from '../../src/index.js';
import type { DeviceInfo, Devices } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: Devices = createClient({ token: 't', plugins: [devices()] }).devices;
export const registered: Pick<Devices, keyof Devices> = createClient({ token: 't' }).devices;

export const names: Promise<readonly string[]> = given
  .refresh()
  .then((all) => all.map(({ displayName, userAssignedName }) => userAssignedName ?? displayName));
export const paired: DeviceInfo | undefined = given.getPairedDevice();
given.on('unpaired', ({ device }) => device.id.trim());
void given.requestPin(await given.pair({ pin: '1' }), { data: 'x' });
void given.requestPin(await given.requestPin('id'));
void given.setVolume(1).then(({ volume }) => volume.level.toFixed());

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).devices;
// @ts-expect-error a PIN is text: it may begin with 0
void given.pair({ pin: 123 });
// @ts-expect-error a url alone says nothing of the keys
void given.bindSpace({ url: 'https://x' });
// @ts-expect-error no such event
given.on('created', () => undefined);
