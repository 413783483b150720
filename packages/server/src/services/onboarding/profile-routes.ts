import { badRequest, forbidden, notFound } from '../../http/errors.js';
import { servicePaths } from '../../http/urls.js';
import type { Routes, User } from '../contracts.js';
import type { IdentityService } from '../identity/index.js';
import { fields, text } from '../untrusted.js';
import type { OneTimeCodes } from './one-time-codes.js';

const schemas = ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:cisco:commonidentity:1.0'];
const shortestPassword = 8;
const longestPassword = 256;
const longestName = 128;

const scimUser = (user: User, displayName: string): object => ({
  schemas,
  id: user.id,
  userName: user.email,
  displayName,
  name: { formatted: displayName },
  emails: [{ value: user.email, type: 'work', primary: true }],
  active: true,
});

/**
 * A person's own password and name. A token alone sets no password, else every app that somebody allowed anything could
 * take over their account: its sign-in must have come of a code out of their mailbox a short while ago.
 *
 * @source protocol/identity-and-services.md §3.9
 */
export function profileRoutes(parts: {
  readonly identity: IdentityService;
  readonly codes: OneTimeCodes;
}): Routes {
  const { identity, codes } = parts;

  return (app) => {
    // official clients have `/identity` in their base already
    for (const base of [
      `${servicePaths.identity}/scim/v1/Users`,
      `${servicePaths.identity}/identity/scim/v1/Users`,
    ])
      app.patch<{ Params: { id: string } }>(`${base}/:id`, async (request, reply) => {
        void reply.header('cache-control', 'no-store');
        const caller = await identity.caller(request);
        // others are told from nobody in no way
        if (request.params.id !== caller.user.id) throw notFound();
        const body = fields(request.body);
        const given = text(body['password']);
        if (body['password'] !== undefined) {
          if (given === undefined || given.length < shortestPassword || given.length > longestPassword)
            throw badRequest(
              `A password has ${String(shortestPassword)} to ${String(longestPassword)} characters.`,
            );
          if (!(await codes.isFresh(caller.tokenHash)))
            throw forbidden('A password can be set only soon after signing in by a one-time password.');
        }
        const displayName = nameIn(body);
        if (given === undefined && displayName === undefined)
          throw badRequest('There is nothing to change: give a password, a displayName or a name.');
        if (given !== undefined) await identity.changePassword(caller, given);
        if (displayName !== undefined) await identity.rename(caller.user.id, displayName);
        return scimUser(caller.user, displayName ?? caller.user.display_name);
      });
  };
}

/** The new name: as it is to be shown, or of its parts. Parts are not kept by themselves. */
function nameIn(body: ReturnType<typeof fields>): string | undefined {
  const parts = fields(body['name']);
  const whole =
    text(body['displayName']) ??
    [text(parts['givenName']), text(parts['familyName'])].filter((part) => part !== undefined).join(' ');
  if (body['displayName'] === undefined && body['name'] === undefined) return undefined;
  const name = whole.trim();
  // control characters could turn a line of text around, or hide a part of it
  if (name === '' || name.length > longestName || /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name))
    throw badRequest(`A name has 1 to ${String(longestName)} characters, and no control characters.`);
  return name;
}
