import type { FastifyRequest } from 'fastify';
import { forbidden } from '../../kernel/http/errors.js';
import { restBase } from '../../kernel/http/fields.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { isGuest } from '../conversation/api.js';
import type { Caller, Identity } from '../identity/api.js';
import { meetingLink, personalRoom, type Secrets, sipAddressOf } from './places.js';

/** A person's site and personal room. Guests have no room. @source protocol/meetings-signalling.md §1 */
export function preferenceRoutes(
  kernel: Kernel,
  identity: Pick<Identity, 'caller'>,
  secrets: Secrets,
): Routes {
  const base = `${restBase}/meetingPreferences`;
  const callerOf = (request: FastifyRequest): Promise<Caller> => identity.caller(request, 'spark:all');

  async function roomOf(request: FastifyRequest, { user }: Caller): Promise<object> {
    const row = await personalRoom(kernel, secrets, user);
    return {
      topic: row.title,
      hostPin: secrets.hostKey(row),
      personalMeetingRoomLink: meetingLink(kernel.urls(request), row.number),
      sipAddress: sipAddressOf({ number: row.number }),
      enabledAutoLock: false,
    };
  }
  const sitesOf = (request: FastifyRequest): readonly object[] => [
    { siteUrl: new URL(kernel.urls(request).base).host, default: true },
  ];

  return (app) => {
    app.get(base, async (request) => {
      const caller = await callerOf(request);
      return {
        ...(!isGuest(caller.user) && { personalMeetingRoom: await roomOf(request, caller) }),
        sites: sitesOf(request),
      };
    });
    app.get(`${base}/personalMeetingRoom`, async (request) => {
      const caller = await callerOf(request);
      if (isGuest(caller.user)) throw forbidden('Guests have no personal room.');
      return roomOf(request, caller);
    });
    app.get(`${base}/sites`, async (request) => {
      await callerOf(request);
      return { sites: sitesOf(request) };
    });
  };
}
