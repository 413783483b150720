import type { FastifyRequest } from 'fastify';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { fields } from '../../kernel/http/untrusted.js';
import { deviceIdOf, servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Identity } from '../identity/api.js';
import type { Rooms } from './rooms.js';
import { audioState } from './shapes.js';
import { changeDevice, deviceById, type RoomDevice } from './store.js';

type Params = { Params: { id: string } };
type Change = Partial<Pick<RoomDevice, 'volume' | 'muted'>>;
const step = 5;

function levelIn(body: unknown): number {
  const level = fields(body)['level'] ?? 0;
  if (typeof level !== 'number' || !Number.isFinite(level) || level < 0 || level > 100)
    throw badRequest('level must be a number from 0 to 100.');
  return Math.round(level);
}

/** What those who are paired with a device may ask of it. @source protocol/presence-devices-support.md §2.1 */
export function audioRoutes(kernel: Kernel, identity: Identity, rooms: Rooms): Routes {
  const { store } = kernel;
  const base = `${servicePaths.lyra}/spaces/:id/audio`;

  async function allowed(request: FastifyRequest<Params>) {
    const caller = await identity.caller(request);
    const device = await rooms.visible(request.params.id, caller.user);
    const header = request.headers['cisco-device-url'];
    const wdmId = await rooms.inside(
      device,
      caller,
      typeof header === 'string' ? deviceIdOf(header) : undefined,
    );
    return { caller, device, wdmId };
  }

  async function change(request: FastifyRequest<Params>, make: (device: RoomDevice) => Change) {
    const { device, wdmId } = await allowed(request);
    const changed = await store.write(async ({ tx }) => {
      const current = await deviceById(tx, device.id);
      if (current === undefined) throw notFound();
      const next = make(current);
      if (Object.keys(next).length > 0) await changeDevice(tx, device.id, next);
      return { ...current, ...next };
    });
    await rooms.tell(device.id);
    return audioState(kernel.urls(request), changed, wdmId);
  }

  const invocations: Readonly<Record<string, (device: RoomDevice, body: unknown) => Change>> = {
    'microphones/actions/mute': () => ({ muted: 1 }),
    'microphones/actions/un-mute': () => ({ muted: 0 }),
    'volume/actions/increase': ({ volume }) => ({ volume: Math.min(100, volume + step) }),
    'volume/actions/decrease': ({ volume }) => ({ volume: Math.max(0, volume - step) }),
    'volume/actions/set': (_, body) => ({ volume: levelIn(body) }),
  };

  return (app) => {
    app.get<Params>(base, async (request) => {
      const { device, wdmId } = await allowed(request);
      return audioState(kernel.urls(request), device, wdmId);
    });
    app.put<Params>(base, async (request) => {
      const caller = await identity.caller(request);
      const body = fields(request.body);
      await rooms.visible(request.params.id, caller.user);
      if (caller.user.id !== request.params.id) await rooms.ownWdm(body['deviceUrl'], caller);
      const { level } = fields(body['volume']);
      const { muted } = fields(body['microphones']);
      if (muted !== undefined && typeof muted !== 'boolean')
        throw badRequest('microphones.muted must be true or false.');
      const next: Change = {
        ...(level === undefined ? {} : { volume: levelIn({ level }) }),
        ...(muted === undefined ? {} : { muted: muted ? 1 : 0 }),
      };
      return change(request, () => next);
    });
    for (const [path, make] of Object.entries(invocations))
      app.post<Params>(`${base}/${path}/invoke`, (request) =>
        change(request, (device) => make(device, request.body)),
      );
  };
}
