import { badRequest, forbidden } from '../../kernel/http/errors.js';
import { anyType, asText, defineBody, textType } from '../../kernel/http/operation.js';
import type { Caller } from '../identity/api.js';

const main = {
  name: textType('A name for the owner, up to 200 characters.'),
  targetUrl: textType('The URL that deliveries are posted to.'),
  secret: textType('Signs deliveries. An empty one removes the secret.'),
  ownedBy: anyType('creator or org. org is for administrators.'),
};
export const newWebhook = defineBody(
  {
    ...main,
    resource: textType('messages, memberships, rooms, attachmentActions or all.'),
    event: textType('created, updated, deleted or all.'),
    filter: textType('A query string, such as roomId=….'),
  },
  ['name', 'targetUrl', 'resource', 'event'],
);
export const changedWebhook = defineBody(
  { ...main, status: anyType('active, to resume an inactive webhook.') },
  ['name', 'targetUrl'],
);
type WebhookBody = Partial<ReturnType<typeof newWebhook.read>>;

const longest = { name: 200, targetUrl: 2_048, filter: 1_000, secret: 500 } as const;

/** A text of limited length; undefined where it was not given, or is empty. */
function shortText(body: WebhookBody, name: keyof typeof longest): string | undefined {
  const value = asText(body[name]);
  if (value === undefined || value === '') return undefined;
  if (value.length > longest[name])
    throw badRequest(`${name} must not have more than ${String(longest[name])} characters.`);
  return value;
}
function required(body: WebhookBody, name: 'name' | 'targetUrl'): string {
  const value = shortText(body, name)?.trim();
  if (value === undefined || value === '') throw badRequest(`${name} is required.`);
  return value;
}

/** Name and target, as both creating and changing need them. @throws ApiError 400 */
export function mainFields(body: WebhookBody): { readonly name: string; readonly targetUrl: string } {
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
export function subjectFields(body: WebhookBody): {
  readonly resource: string;
  readonly event: string;
  readonly filter: string | undefined;
} {
  const resource = asText(body.resource);
  const event = asText(body.event);
  if (resource === undefined || resource === '') throw badRequest('resource is required.');
  if (event === undefined || event === '') throw badRequest('event is required.');
  return { resource, event, filter: shortText(body, 'filter') };
}

/** undefined: as it was; null: none any more. */
export function secretField(body: WebhookBody): string | null | undefined {
  return body.secret === undefined ? undefined : (shortText(body, 'secret') ?? null);
}

/** @throws ApiError 403 when a user who is not an administrator acts for the organisation */
export function ownedByField(value: unknown, caller: Caller): 'creator' | 'org' | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value !== 'creator' && value !== 'org') throw badRequest('ownedBy must be creator or org.');
  if (value === 'org' && !caller.user.roles.includes('admin'))
    throw forbidden('Only an administrator may have webhooks that the organisation owns.');
  return value;
}
