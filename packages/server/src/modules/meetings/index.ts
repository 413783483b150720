import { createCursors } from '../../kernel/http/cursor.js';
import { ApiError } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { MeetingsApi } from './api.js';
import { Attempts } from './attempts.js';
import { Captchas } from './captcha.js';
import { claimRoutes } from './claim-routes.js';
import { discoveryRoutes } from './discovery-routes.js';
import { enter } from './entry.js';
import { createFinder } from './finder.js';
import { infoRoutes } from './info-routes.js';
import { infoV1Routes } from './info-v1-routes.js';
import { inviteeRoutes } from './invitee-routes.js';
import { migrations } from './migrations/index.js';
import { createPermissions } from './permission.js';
import { createSecrets, placeOf } from './places.js';
import { preferenceRoutes } from './preference-routes.js';
import { scheduleRoutes } from './schedule-routes.js';
import { showPlace } from './show.js';
import { spaceRoutes } from './space-routes.js';
import { placeById } from './store.js';

/** Scheduled meetings, personal rooms and what is to be known before joining. @source protocol/meetings-signalling.md §3 */
export const meetings = defineModule({
  name: 'meetings',
  migrations,
  needs: ['conversation', 'identity'],
  setup: createMeetings,
});

function createMeetings(kernel: Kernel, { conversation, identity }: Needs<'conversation' | 'identity'>) {
  const { store, vault } = kernel;
  const now = (): number => kernel.now();
  const secrets = createSecrets(kernel);
  const permissions = createPermissions(vault.signer('meeting-permission'));
  const finder = createFinder(kernel, identity, conversation, secrets);
  const pins = new Attempts(now);
  const parts = { db: store.db, conversations: conversation, identity, secrets, permissions, now };

  const api: MeetingsApi = {
    find: async (address) => (await finder.at(address))?.place,
    show: showPlace,
    byScheduledId: async (id) => {
      const row = await placeById(store.db, id);
      return row && placeOf(row);
    },
    enter: async (place, who) => {
      const key = `${who.userId} ${place.scheduledId ?? ''}`;
      const guesses = who.pin !== undefined && who.pin !== '';
      if (guesses && pins.isExhausted(key))
        throw new ApiError(423, 'Too many wrong PINs. Join without one, or try again in 15 minutes.', {
          errorCode: 2423006,
          retryAfterS: 900,
        });
      try {
        return await enter(parts, place, who);
      } catch (error) {
        if (guesses && error instanceof ApiError && error.options.errorCode === 2423006) pins.fail(key);
        throw error;
      }
    },
    isHostKey: async (place, key) => {
      const row = place.scheduledId === undefined ? undefined : await placeById(store.db, place.scheduledId);
      // guesses count for the place: the user who guesses, it is this key
      const counted = `key ${place.scheduledId ?? ''}`;
      if (row === undefined || pins.isExhausted(counted)) return false;
      const isRight = secrets.isHostKey(row, key);
      if (!isRight) pins.fail(counted);
      return isRight;
    },
  };
  return {
    api,
    routes: [
      infoRoutes({ kernel, identity, finder, secrets, permissions, captchas: new Captchas(now) }),
      infoV1Routes(kernel, identity, finder),
      spaceRoutes(kernel, identity, finder),
      claimRoutes(kernel, identity, finder, secrets),
      discoveryRoutes(kernel, identity),
      scheduleRoutes({ kernel, identity, secrets, cursors: createCursors(vault.signer('cursors')) }),
      inviteeRoutes(store, identity),
      preferenceRoutes(kernel, identity, secrets),
    ],
  };
}
