import { removalTime } from '../../kernel/clock.js';
import { notFound } from '../../kernel/http/errors.js';
import { servicePaths, type Urls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { RoomDevices } from './api.js';
import { audioRoutes } from './audio-routes.js';
import { bindingRoutes } from './binding-routes.js';
import { findingRoutes } from './finding-routes.js';
import { migrations } from './migrations/index.js';
import { rotate } from './pins.js';
import { createRooms } from './rooms.js';
import { sendScreen } from './screen.js';
import { spaceRoutes } from './space-routes.js';
import { allDevices, bindingsOf, deviceById, newPin, newUltrasound, type RoomDevice } from './store.js';

/** Simulated devices in meeting rooms. @source protocol/presence-devices-support.md §2 */
export const lyra = defineModule({
  name: 'lyra',
  migrations,
  needs: ['conversation', 'devices', 'identity', 'mercury'],
  setup: createLyra,
});

function createLyra(kernel: Kernel, needs: Needs<'conversation' | 'devices' | 'identity' | 'mercury'>) {
  const { store } = kernel;
  const { conversation: conversations, identity } = needs;
  const signer = kernel.vault.signer('room-screen');
  const rooms = createRooms(kernel, needs);
  const screens = `${servicePaths.lyra}/screens`;

  /** A PIN whose time is over is no longer shown. */
  const current = (id: string): Promise<RoomDevice | undefined> =>
    store.write(async ({ tx }) => {
      const device = await deviceById(tx, id);
      if (device === undefined || (device.pin_expires_ms ?? Infinity) > removalTime(kernel)) return device;
      await rotate(tx, device);
      return deviceById(tx, id);
    });

  const seen = async (device: RoomDevice, urls: Urls): Promise<object> => ({
    id: device.id,
    displayName: device.display_name,
    productName: device.product_name,
    pin: device.pin,
    ultrasoundToken: device.ultrasound_token,
    screenUrl: `${urls.base}${screens}/${device.id}.${signer.sign(device.id)}`,
    volume: device.volume,
    muted: device.muted === 1,
    occupants: [
      ...new Set(
        (await rooms.present(device.id)).filter((row) => row.verified === 1).map((row) => row.user_id),
      ),
    ],
    bindings: (await bindingsOf(store.db, device.id)).map((row) => row.conversation_id),
  });

  const api: RoomDevices = {
    create: async ({ displayName, productName = 'Trunkline Room', pin = newPin() }, urls) => {
      const device = await store.write(async (write) => {
        const { id, org_id } = await identity.users.createWithin(write, { displayName, roles: ['machine'] });
        const row: RoomDevice = {
          ...{ id, org_id, display_name: displayName, product_name: productName },
          ...{ pin, pin_expires_ms: null, ultrasound_token: newUltrasound() },
          ...{ volume: 50, muted: 0, created_ms: kernel.now() },
        };
        await write.tx.insertInto('room_devices').values(row).execute();
        return row;
      });
      return seen(device, urls);
    },
    list: async (urls) => {
      const items = [];
      for (const { id } of await allDevices(store.db)) {
        const device = await current(id);
        if (device !== undefined) items.push(await seen(device, urls));
      }
      return items;
    },
    remove: async (id) => {
      if ((await deviceById(store.db, id)) === undefined) return false;
      for (const binding of await bindingsOf(store.db, id)) await rooms.endBinding(binding);
      await rooms.leave({ device_id: id });
      await store.write(async (write) => {
        const { tx } = write;
        for (const table of ['lyra_auxiliary', 'lyra_attempts', 'lyra_occupants', 'lyra_bindings'] as const)
          await tx.deleteFrom(table).where('device_id', '=', id).execute();
        await tx.deleteFrom('room_devices').where('id', '=', id).execute();
        // its account stays, as the name of what it was in; no one acts as it any more
        await identity.tokens.removeHeld(write, { userIds: [id] });
      });
      return true;
    },
  };
  const routes: Routes = (app) => {
    findingRoutes(kernel, identity, rooms)(app);
    spaceRoutes(kernel, identity, rooms)(app);
    bindingRoutes(kernel, identity, conversations, rooms)(app);
    audioRoutes(kernel, identity, rooms)(app);
    // no token: who has the address stands in the room
    app.get<{ Params: { capability: string } }>(`${screens}/:capability`, async (request, reply) => {
      const [id = '', signature = ''] = request.params.capability.split('.');
      const device = signer.verify(id, signature) ? await current(id) : undefined;
      if (device === undefined) throw notFound();
      const users = await identity.usersByIds([
        ...new Set((await rooms.present(id)).filter((row) => row.verified === 1).map((row) => row.user_id)),
      ]);
      return sendScreen(
        reply,
        device,
        [...users.values()].map((user) => user.display_name),
      );
    });
  };
  return { api, routes: [routes], sweep: rooms.sweep };
}
