import { badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import { type Identity, nameParts, type NewName, type User } from '../identity/api.js';
import type { OneTimeCodes } from './one-time-codes.js';

const schemas = ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:cisco:commonidentity:1.0'];
const shortestPassword = 8;
const longestPassword = 256;
const longestName = 128;

const scimUser = (user: User): object => ({
  schemas,
  id: user.id,
  userName: user.email,
  displayName: user.display_name,
  name: { formatted: user.display_name, ...nameParts(user) },
  emails: [{ value: user.email, type: 'work', primary: true }],
  active: true,
});

/**
 * A person's own password and name. A token alone sets no password, else every app that a user allowed anything could
 * take over their account: its sign-in must have come of a code out of their mailbox a short while ago.
 *
 * @source protocol/identity-and-services.md §3.9
 */
export function profileRoutes(parts: { readonly identity: Identity; readonly codes: OneTimeCodes }): Routes {
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
        // other users cannot be distinguished from unknown ones
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
        const name = nameIn(body, caller.user);
        if (given === undefined && name === undefined)
          throw badRequest('There is nothing to change: give a password, a displayName or a name.');
        if (given !== undefined) await identity.changePassword(caller, given);
        return scimUser(name === undefined ? caller.user : await identity.rename(caller.user.id, name));
      });
  };
}

/** The new name: as it is to be shown, or its parts; a part that is not given stays. @throws ApiError 400 */
function nameIn(body: ReturnType<typeof fields>, user: User): NewName | undefined {
  const parts = fields(body['name']);
  const given = [text(parts['givenName']), text(parts['familyName'])] as const;
  if (body['displayName'] === undefined && body['name'] === undefined) return undefined;
  const whole = text(body['displayName']);
  if (given[0] === undefined && given[1] === undefined) return { displayName: checkedName(whole ?? '') };
  const before = nameParts(user);
  const givenName = checkedPart(given[0] ?? before.givenName);
  const familyName = checkedPart(given[1] ?? before.familyName);
  return { displayName: checkedName(whole ?? `${givenName} ${familyName}`), givenName, familyName };
}

// control characters could turn a line of text around, or hide a part of it
const hiding = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

function checkedName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > longestName || hiding.test(name))
    throw badRequest(`A name has 1 to ${String(longestName)} characters, and no control characters.`);
  return name;
}
function checkedPart(text: string): string {
  const part = text.trim();
  return part === '' ? part : checkedName(part);
}
