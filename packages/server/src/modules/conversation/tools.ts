import { isUuid } from '@trunkline/wire';
import type { FastifyReply } from 'fastify';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Caller, Identity } from '../identity/api.js';
import type { Kms } from '../kms/api.js';
import type { Mercury } from '../mercury/api.js';
import type { CreateOptions, NewActivity } from './api.js';
import type { Created } from './create.js';
import type { ConversationReads } from './reads.js';
import type { Membership } from './store.js';
import type { Performed } from './submit.js';

/** What the routes are made from. */
export interface Tools {
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly kms: Kms;
  readonly mercury: Mercury;
  readonly reads: ConversationReads;
  readonly create: (caller: Caller, options: CreateOptions) => Promise<Created>;
  /** Into a room that is open to the members of a team. @throws ApiError 404 where it is none, 409 when in already */
  readonly joinTeamRoom: (caller: Caller, teamId: string, conversationId: string) => Promise<void>;
  /** Does it in a write of its own. */
  readonly perform: (caller: Caller, conversationId: string, activity: NewActivity) => Promise<Performed>;
}

/** The uuid in a path; anything else is simply not there. */
export const idIn = (params: unknown, name = 'id'): string => {
  const id = param(params, name);
  if (id === undefined || !isUuid(id)) throw notFound();
  return id;
};

export async function memberOf(
  reads: ConversationReads,
  caller: Caller,
  conversationId: string,
): Promise<Membership> {
  const found = await reads.membership(conversationId, caller.user.id);
  if (found === undefined) throw notFound();
  return found;
}

const number = (query: unknown, name: string, most: number): number | undefined => {
  const value = Number(param(query, name) ?? NaN);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : undefined;
};
export { number as wholeNumber };

/** epoch ms out of a number or an ISO date */
export function date(query: unknown, name: string): number | undefined {
  const value = param(query, name);
  if (value === undefined || value === '') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (!Number.isFinite(ms)) throw badRequest(`${name} must be a date.`);
  return ms;
}

/** Says where the list goes on: at the same address, with these parameters changed. */
export function linkTo(
  reply: FastifyReply,
  next: URL,
  urls: Urls,
  change: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(change)) next.searchParams.set(name, value);
  void reply.header('link', `<${urls.base}${next.pathname}${next.search}>; rel="next"`);
}
