// Fields of scheduled meetings and invitees: how they are read, checked and shown.
import { randomUUID } from 'node:crypto';
import { badRequest } from '../../kernel/http/errors.js';
import { compactId } from '../../kernel/http/fields.js';
import { fields, flag, text } from '../../kernel/http/untrusted.js';
import type { InviteeRow } from './store.js';

export const longestTitle = 128;
export const longestPassword = 60;
export const longestAgenda = 1_300;
const longestName = 128;
/** people that one meeting can have on its list */
export const mostInvitees = 1_000;
/** ms that a meeting lasts at most */
const longestMs = 24 * 3_600_000;

/** @throws ApiError 400 */
export function checkedText(name: string, value: string, longest: number): string {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > longest)
    throw badRequest(`${name} must have 1 to ${String(longest)} characters.`);
  return trimmed;
}
/** null: there is none. @throws ApiError 400 */
export function checkedAgenda(value: string): string | null {
  if (value.length > longestAgenda)
    throw badRequest(`agenda can have ${String(longestAgenda)} characters at most.`);
  return value === '' ? null : value;
}
/** @throws ApiError 400 */
export function checkedTimezone(value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw badRequest('timezone must be a name such as Europe/Berlin.');
  }
}
/** @throws ApiError 400 */
export function checkedTimes(
  startMs: number | undefined,
  endMs: number | undefined,
): readonly [number, number] {
  if (startMs === undefined || endMs === undefined) throw badRequest('start and end are required.');
  if (endMs <= startMs) throw badRequest('end must be after start.');
  if (endMs - startMs > longestMs) throw badRequest('A meeting can last 24 hours at most.');
  return [startMs, endMs];
}

const emailPattern = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

/** One invitee of a body. @throws ApiError 400 */
export function inviteeFrom(placeId: string, given: unknown): InviteeRow {
  const { email, displayName, coHost } = fields(given);
  const address = text(email)?.trim().toLowerCase();
  if (address === undefined || !emailPattern.test(address))
    throw badRequest('Each invitee needs an email address.');
  return {
    id: randomUUID(),
    place_id: placeId,
    email: address,
    display_name: text(displayName)?.trim().slice(0, longestName) ?? null,
    co_host: flag(coHost) ? 1 : 0,
  };
}
/** The invitees of a body; undefined where it has none. @throws ApiError 400 */
export function inviteesFrom(placeId: string, given: unknown): readonly InviteeRow[] | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given)) throw badRequest('invitees must be a list.');
  if (given.length > mostInvitees) throw tooManyInvitees();
  return given.map((one) => inviteeFrom(placeId, one));
}
export const tooManyInvitees = () => badRequest(`A meeting can have ${String(mostInvitees)} invitees.`);

export const showInvitee = (row: InviteeRow): object => ({
  id: compactId(row.id),
  meetingId: compactId(row.place_id),
  email: row.email,
  displayName: row.display_name ?? row.email,
  coHost: row.co_host === 1,
});
