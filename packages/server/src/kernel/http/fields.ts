// Fields of the public REST API: how ids, dates and texts are read and written.
import { encodeId, type IdType, uuidOf } from '@trunkline/wire';
import { badRequest, notFound } from './errors.js';
import { servicePaths } from './urls.js';

/** Below this are all public REST resources. */
export const restBase = servicePaths.hydra;

export const iso = (ms: number): string => new Date(ms).toISOString();
export const roomTypeOf = ({ tags }: { readonly tags: readonly string[] }): 'direct' | 'group' =>
  tags.includes('ONE_ON_ONE') ? 'direct' : 'group';
export const roomId = (id: string): string => encodeId('ROOM', id);
export const personId = (id: string): string => encodeId('PEOPLE', id);
export const teamId = (id: string): string => encodeId('TEAM', id);
export const messageId = (id: string): string => encodeId('MESSAGE', id);

/** The uuid behind an id in a path: of another kind, or noise, is not there. */
export function idInPath(type: IdType, value: string | undefined, message?: string): string {
  const id = value === undefined ? undefined : uuidOf(type, value);
  if (id === undefined) throw notFound(message);
  return id;
}
/** The uuid behind an id in a body or query, where it was given. @throws ApiError 400 */
export function idInField(type: IdType, name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const id = typeof value === 'string' ? uuidOf(type, value) : undefined;
  if (id === undefined) throw badRequest(`${name} is not valid.`);
  return id;
}

/** The public id of a meeting, invitee or recording: its uuid without hyphens. */
export const compactId = (id: string): string => id.replaceAll('-', '');
/** The uuid that such an id stands for; undefined for anything else. */
export const uuidOfCompactId = (given: string | undefined): string | undefined =>
  /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/
    .exec(given ?? '')
    ?.slice(1)
    .join('-');
/** The same for an id in a path or query. @throws ApiError 404 */
export function uuidInPath(given: string | undefined): string {
  const id = uuidOfCompactId(given);
  if (id === undefined) throw notFound();
  return id;
}

/** epoch ms of a date in ISO 8601. @throws ApiError 400 */
export function dateField(name: string, value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw badRequest(`${name} must be a date in ISO 8601.`);
  return ms;
}
