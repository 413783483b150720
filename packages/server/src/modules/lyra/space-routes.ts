import type { FastifyRequest } from 'fastify';
import { removalTime } from '../../kernel/clock.js';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { deviceIdOf, servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import { answerPin, challenge, occupancyMs } from './pins.js';
import type { Rooms } from './rooms.js';
import { lyraSpace } from './shapes.js';
import { deviceById, occupantsOf, putOccupant, type RoomDevice, roomsOf } from './store.js';

type Params = { Params: { id: string; who: string } };

export const fromBase64Url = (value: string): string => Buffer.from(value, 'base64url').toString('utf8');

/** Rooms and who is in them. @source protocol/presence-devices-support.md §2.1 */
export function spaceRoutes(kernel: Kernel, identity: Identity, rooms: Rooms): Routes {
  const { store } = kernel;
  const base = `${servicePaths.lyra}/spaces`;

  async function show(request: FastifyRequest, caller: Caller, device: RoomDevice, wdmId?: string) {
    const present = await rooms.present(device.id);
    const users = await identity.usersByIds([...new Set(present.map((row) => row.user_id))]);
    const header = request.headers['cisco-device-url'];
    const asking = {
      userId: caller.user.id,
      wdmId: wdmId ?? (typeof header === 'string' ? deviceIdOf(header) : undefined),
    };
    return lyraSpace(kernel.urls(request), device, present, users, asking);
  }

  /** Who asks puts themselves into the room. */
  async function join(caller: Caller, device: RoomDevice, body: unknown): Promise<string> {
    const pass = fields(fields(body)['pass']);
    const wdm_id = await rooms.ownWdm(fields(body)['deviceUrl'], caller);
    const who = { user_id: caller.user.id, wdm_id };
    const now = removalTime(kernel);
    const refused = await store.write(async ({ tx }) => {
      const current = await deviceById(tx, device.id);
      if (current === undefined) throw notFound();
      switch (text(pass['type'])) {
        case 'MANUAL':
          await challenge(tx, current, who, now);
          return undefined;
        case 'PIN_ANSWER': {
          const pin = text(pass['data']);
          if (pin === undefined || pin.length > 20) throw badRequest('pass.data must be the PIN.');
          return answerPin(tx, current, who, pin, now);
        }
        case 'VERIFICATION': {
          const mine = (await occupantsOf(tx, device.id, now)).find(
            (row) => row.user_id === who.user_id && row.wdm_id === wdm_id && row.verified === 1,
          );
          if (mine === undefined) throw new ApiError(403, 'Only who is paired can say so again.');
          await putOccupant(tx, { ...mine, expires_ms: now + occupancyMs });
          return undefined;
        }
        default:
          throw badRequest('pass.type must be MANUAL, PIN_ANSWER or VERIFICATION.');
      }
    });
    // what a wrong answer cost is kept by now
    if (refused !== undefined) throw refused;
    return wdm_id;
  }

  /** The device itself, or a person who is paired with it, verifies another person who is in the room. */
  async function vouch(caller: Caller, device: RoomDevice, userId: string, body: unknown): Promise<void> {
    if (text(fields(fields(body)['pass'])['type']) !== 'VERIFICATION')
      throw badRequest('For another person pass.type must be VERIFICATION.');
    if (caller.user.id !== device.id) await rooms.inside(device, caller);
    const now = removalTime(kernel);
    await store.write(async ({ tx }) => {
      const theirs = (await occupantsOf(tx, device.id, now)).filter((row) => row.user_id === userId);
      if (theirs.length === 0) throw notFound();
      for (const row of theirs) await putOccupant(tx, { ...row, verified: 1, expires_ms: now + occupancyMs });
    });
  }

  return (app) => {
    app.get(base, async (request) => {
      const caller = await identity.caller(request);
      const ids = await roomsOf(store.db, caller.user.id, removalTime(kernel));
      const items = [];
      for (const id of [...ids, caller.user.id]) {
        const device = await deviceById(store.db, id);
        if (device !== undefined) items.push(await show(request, caller, device));
      }
      return { items };
    });
    app.get<Params>(`${base}/:id`, async (request) => {
      const caller = await identity.caller(request);
      return show(request, caller, await rooms.visible(request.params.id, caller.user));
    });
    app.put<Params>(`${base}/:id/occupants/:who`, async (request) => {
      const caller = await identity.caller(request);
      const { id, who } = request.params;
      const device = await rooms.visible(id, caller.user);
      const isDevice = caller.user.id === device.id;
      if (isDevice && (who === '@me' || who === device.id))
        throw badRequest('A device is always in its own room. Name the person whom it verified.');
      let wdmId: string | undefined;
      if (who === '@me' || who === caller.user.id) wdmId = await join(caller, device, request.body);
      else await vouch(caller, device, who, request.body);
      await rooms.tell(id);
      return show(request, caller, (await deviceById(store.db, id)) ?? device, wdmId);
    });
    app.delete<Params>(`${base}/:id/occupants/@me`, async (request, reply) => {
      const caller = await identity.caller(request);
      const device = await rooms.visible(request.params.id, caller.user);
      const given = param(request.query, 'deviceUrl');
      const match = { device_id: device.id, user_id: caller.user.id };
      if (given === undefined) await rooms.leave(match);
      else {
        const wdm_id = deviceIdOf(fromBase64Url(given));
        if (wdm_id === undefined) throw badRequest('deviceUrl must be the base64url of your device’s URL.');
        await rooms.leave({ ...match, wdm_id });
      }
      return reply.code(204).send();
    });
  };
}
