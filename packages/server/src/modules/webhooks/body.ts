import { badRequest, forbidden } from '../../kernel/http/errors.js';
import { textField } from '../../kernel/http/fields.js';
import type { Fields } from '../../kernel/http/untrusted.js';
import type { Caller } from '../identity/api.js';

const longest = { name: 200, targetUrl: 2_048, filter: 1_000, secret: 500 } as const;

/** A text of limited length; undefined where it was not given, or is empty. */
function shortText(body: Fields, name: keyof typeof longest): string | undefined {
  const value = textField(name, body[name]);
  if (value === undefined || value === '') return undefined;
  if (value.length > longest[name])
    throw badRequest(`${name} must not have more than ${String(longest[name])} characters.`);
  return value;
}
function required(body: Fields, name: 'name' | 'targetUrl'): string {
  const value = shortText(body, name)?.trim();
  if (value === undefined || value === '') throw badRequest(`${name} is required.`);
  return value;
}

/** Name and target, as both creating and changing need them. @throws ApiError 400 */
export function mainFields(body: Fields): { readonly name: string; readonly targetUrl: string } {
  const name = required(body, 'name');
  const targetUrl = required(body, 'targetUrl');
  const url = URL.canParse(targetUrl) ? new URL(targetUrl) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw badRequest('targetUrl must be a URL that begins with http or https.');
  if (url.username !== '' || url.password !== '')
    throw badRequest('targetUrl must not contain a name or a password; give a secret instead.');
  return { name, targetUrl };
}

/** What a webhook is notified of; it cannot be changed. @throws ApiError 400 */
export function subjectFields(body: Fields): {
  readonly resource: string;
  readonly event: string;
  readonly filter: string | undefined;
} {
  const resource = textField('resource', body['resource']);
  const event = textField('event', body['event']);
  if (resource === undefined || resource === '') throw badRequest('resource is required.');
  if (event === undefined || event === '') throw badRequest('event is required.');
  return { resource, event, filter: shortText(body, 'filter') };
}

/** undefined: as it was; null: none any more. */
export function secretField(body: Fields): string | null | undefined {
  return body['secret'] === undefined ? undefined : (shortText(body, 'secret') ?? null);
}

/** @throws ApiError 403 when a user who is not an administrator acts for the organisation */
export function ownedByField(value: unknown, caller: Caller): 'creator' | 'org' | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value !== 'creator' && value !== 'org') throw badRequest('ownedBy must be creator or org.');
  if (value === 'org' && !caller.user.roles.includes('admin'))
    throw forbidden('Only an administrator may have webhooks that the organisation owns.');
  return value;
}
