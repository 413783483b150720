import { ApiError } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Identity } from '../identity/api.js';
import { Attempts } from './attempts.js';
import type { Finder } from './finder.js';
import { meetingLink, type Secrets, sipAddressOf } from './places.js';

/**
 * Claims a personal room by its host key. People have their own room from the start, so the only one that they can claim
 * is that one. @source protocol/meetings-signalling.md §3.6
 */
export function claimRoutes(
  kernel: Kernel,
  identity: Pick<Identity, 'caller'>,
  finder: Finder,
  secrets: Secrets,
): Routes {
  const attempts = new Attempts(() => kernel.now());
  return (app) => {
    app.post(`${servicePaths.hecate}/cmrmeetings/claim`, async (request) => {
      const { user } = await identity.caller(request, 'spark:all');
      const { userId, passcode, meetingAddress } = fields(request.body);
      if (attempts.isExhausted(user.id))
        throw new ApiError(429, 'Too many wrong passcodes. Try again in 15 minutes.', { retryAfterS: 900 });
      const row = (await finder.at(text(meetingAddress) ?? ''))?.row;
      const isOwn = row?.kind === 'personal' && row.owner_id === user.id && userId === user.id;
      if (!isOwn || !secrets.isHostKey(row, passcode)) {
        attempts.fail(user.id);
        // the same for every room: it does not say whose is whose
        throw new ApiError(403, 'This is not your personal room, or the passcode is not its host key.');
      }
      attempts.succeed(user.id);
      const link = meetingLink(kernel.urls(request), row.number);
      return {
        sipMeetingUri: sipAddressOf({ number: row.number }),
        webExMeetingLink: link,
        meetingLink: link,
        owner: row.owner_id,
        meetingName: row.title,
        meetingNumber: row.number,
      };
    });
  };
}
