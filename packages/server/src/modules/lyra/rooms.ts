// Who is in which room, and what follows when they leave it.
import type { WireObject } from '@trunkline/wire';
import { lyraRefusals } from '@trunkline/wire';
import { removalTime } from '../../kernel/clock.js';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import { deviceIdOf, eventUrls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Needs } from '../../kernel/module.js';
import type { Caller, User } from '../identity/api.js';
import { attemptsMemoryMs } from './pins.js';
import { spaceUrl } from './shapes.js';
import {
  allBindings,
  type Binding,
  bindingsOf,
  deviceById,
  type Occupant,
  occupantsOf,
  removeBinding,
  removeOccupants,
  type RoomDevice,
} from './store.js';

export type Rooms = ReturnType<typeof createRooms>;

/** Guests pass by, and programs sit in no room. */
const belongs = (user: User): boolean => !user.roles.includes('guest') && !user.roles.includes('machine');

export function createRooms(
  kernel: Kernel,
  {
    conversation: conversations,
    devices,
    identity,
    mercury,
  }: Needs<'conversation' | 'devices' | 'identity' | 'mercury'>,
) {
  const { store, log } = kernel;

  /** The device, for people of its organisation and for itself; to all others it does not exist. */
  async function visible(id: string, user: User): Promise<RoomDevice> {
    const device = await deviceById(store.db, id);
    if (device === undefined || device.org_id !== user.org_id || !(belongs(user) || user.id === id))
      throw notFound();
    return device;
  }

  async function present(id: string): Promise<Occupant[]> {
    return occupantsOf(store.db, id, removalTime(kernel));
  }

  /** @throws ApiError 403 unless the caller is paired, or is the device; returns that client of theirs */
  async function inside(device: RoomDevice, caller: Caller, wdmId?: string): Promise<string | undefined> {
    if (caller.user.id === device.id) return undefined;
    const mine = (await present(device.id)).filter(
      (row) => row.user_id === caller.user.id && row.verified === 1,
    );
    const found = mine.find((row) => row.wdm_id === wdmId) ?? mine[0];
    if (found === undefined)
      throw new ApiError(403, 'Only people who are paired with the device may do this.', {
        errorCode: lyraRefusals.notPaired,
      });
    return found.wdm_id;
  }

  /** The id in the URL of a device that the caller's client registered. */
  async function ownWdm(url: unknown, caller: Caller): Promise<string> {
    const id = typeof url === 'string' ? deviceIdOf(url) : undefined;
    if (id === undefined || !(await devices.existing([id], caller.user.id)).has(id))
      throw new ApiError(400, 'deviceUrl must be the URL of a device that you registered.');
    return id;
  }

  async function tell(deviceId: string, more: readonly string[] = []): Promise<void> {
    const ids = (await present(deviceId)).map((row) => row.user_id);
    mercury.sendToUsers([...ids, ...more, deviceId], {
      eventType: 'lyra.space_updated',
      spaceUrl: spaceUrl(eventUrls, deviceId),
    });
  }

  /** The account of the device, as who it acts when it leaves. */
  async function asDevice(deviceId: string): Promise<Caller | undefined> {
    const user = await identity.userById(deviceId);
    const scopes = new Set(['spark:all', 'spark:kms']);
    return user && { user, scopes, clientId: null, tokenHash: '', expiresMs: Number.MAX_SAFE_INTEGER };
  }

  /** The device leaves the conversation: from then on it gets no event, no key and no page of it. */
  async function endBinding(binding: Binding): Promise<void> {
    const device = await asDevice(binding.device_id);
    const object: WireObject = { objectType: 'person', id: binding.device_id };
    if (device !== undefined)
      try {
        await conversations.submit(device, binding.conversation_id, { verb: 'leave', object });
      } catch (error) {
        // a user removed it already, or the conversation is gone
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      }
    await store.write(({ tx }) => removeBinding(tx, binding.id));
  }

  /** What a user brought goes when they do. */
  async function left(rows: readonly Occupant[]): Promise<void> {
    const rooms = new Map<string, Set<string>>();
    for (const { device_id, user_id } of rows)
      rooms.set(device_id, (rooms.get(device_id) ?? new Set()).add(user_id));
    for (const [deviceId, userIds] of rooms) {
      const still = new Set(
        (await present(deviceId)).flatMap((row) => (row.verified === 1 ? [row.user_id] : [])),
      );
      for (const binding of await bindingsOf(store.db, deviceId))
        if (userIds.has(binding.user_id) && !still.has(binding.user_id)) await endBinding(binding);
      await tell(deviceId, [...userIds]);
    }
  }

  const leave = async (match: Parameters<typeof removeOccupants>[1]): Promise<number> => {
    const rows = await store.write(({ tx }) => removeOccupants(tx, match));
    await left(rows);
    return rows.length;
  };

  // a client that signs out is in no room any more
  devices.onRemoved(async (wdmId) => {
    await leave({ wdm_id: wdmId });
  });

  return {
    ...{ visible, present, inside, ownWdm, tell, leave, endBinding },

    /** What no one's request did: times that ran out, clients and members that went away. */
    sweep: async (): Promise<void> => {
      const now = removalTime(kernel);
      await leave({ expiredMs: now });
      const wdmIds = (await store.db.selectFrom('lyra_occupants').select('wdm_id').distinct().execute()).map(
        (row) => row.wdm_id,
      );
      const existing = await devices.existing(wdmIds);
      for (const id of wdmIds) if (!existing.has(id)) await leave({ wdm_id: id });
      for (const binding of await allBindings(store.db)) {
        const { conversation_id: conversationId, device_id: deviceId, user_id: userId } = binding;
        const isIn = (await present(deviceId)).some((row) => row.user_id === userId && row.verified === 1);
        const isMember = (await conversations.reads.membership(conversationId, userId)) !== undefined;
        if (isIn && isMember) continue;
        await endBinding(binding).catch((error: unknown) => {
          log.error({ err: error }, 'a room device could not leave a conversation');
        });
      }
      await store.write(({ tx }) =>
        tx
          .deleteFrom('lyra_attempts')
          .where('last_ms', '<', now - attemptsMemoryMs)
          .execute(),
      );
    },
  };
}
