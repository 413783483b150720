import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import { uuidOf, type PresenceStatus, type PresenceSubscription } from '@trunkline/wire';
import type { PresenceOptions } from './types.js';

const inCloud = 50;
const elsewhere = 500;
/** hosts of the Webex cloud */
const cloudHost = /(?:^|\.)(?:wbx2|webex|ciscospark|webexgov|webexapis)\.(?:com|us)$/i;

/** The bare uuid. What has another form travels as it is: the service knows no one of that id. */
export const bareId = (id: string): string => uuidOf('PEOPLE', id) ?? id;

/** Bare ids, each once. @throws {SdkError} `ERR_ARGUMENT` */
export function bareIds(ids: string | readonly string[], call: string): readonly string[] {
  const list = typeof ids === 'string' ? [ids] : ids;
  requireArgument(Array.isArray(list) && list.length > 0, call, 'an id of a person, or several');
  for (const id of list as readonly unknown[])
    requireArgument(typeof id === 'string' && id !== '', call, 'ids of people');
  return [...new Set(list.map(bareId))];
}

/** The requests of presence, each cut into as few as the service takes. */
export interface Requests {
  /** People in one request, once it is known; before that more than it is, so that nothing leaves too early. */
  readonly size: number;
  /** Statuses by id; rejects only when a request fails. Calls `came` after each answer. */
  compositions(
    ids: readonly string[],
    came: (asked: readonly string[], statuses: ReadonlyMap<string, PresenceStatus>) => void,
    failed: (asked: readonly string[], error: unknown) => void,
    init?: CallInit,
  ): Promise<void>;
  subscriptions(
    ids: readonly string[],
    ttlS: number,
    init?: CallInit,
  ): Promise<readonly Promise<readonly PresenceSubscription[]>[]>;
  /** as many ids as one request takes, each */
  chunks(ids: readonly string[]): Promise<readonly (readonly string[])[]>;
}

export function createRequests(host: Host, { batchSize }: PresenceOptions): Requests {
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0))
    throw sdkError('ERR_CONFIG', 'presence({ batchSize }) must be a whole number above 0');
  let size = batchSize;

  const chunks = async (ids: readonly string[]): Promise<readonly (readonly string[])[]> => {
    if (size === undefined) {
      const url = await host.serviceUrl('apheleia');
      size = cloudHost.test(new URL(url).hostname) ? inCloud : elsewhere;
    }
    const parts: (readonly string[])[] = [];
    for (let at = 0; at < ids.length; at += size) parts.push(ids.slice(at, at + size));
    return parts;
  };
  return {
    get size() {
      return size ?? 1_000;
    },
    chunks,
    async compositions(ids, came, failed, init) {
      let parts: readonly (readonly string[])[];
      try {
        parts = await chunks(ids);
      } catch (error) {
        failed(ids, error);
        return;
      }
      await Promise.all(
        parts.map(async (subjects) => {
          try {
            const { body } = await host.request<{ statusList?: readonly PresenceStatus[] } | undefined>({
              ...init,
              method: 'POST',
              service: 'apheleia',
              path: 'compositions',
              body: { subjects },
              idempotent: true, // it only reads
            });
            came(subjects, new Map((body?.statusList ?? []).map((status) => [status.subject, status])));
          } catch (error) {
            failed(subjects, error);
          }
        }),
      );
    },
    async subscriptions(ids, ttlS, init) {
      return (await chunks(ids)).map(async (subjects) => {
        const { body } = await host.request<{ responses?: readonly PresenceSubscription[] } | undefined>({
          ...init,
          method: 'POST',
          service: 'apheleia',
          path: 'subscriptions',
          body: { subjects, subscriptionTtl: ttlS, includeStatus: true },
          idempotent: true, // once more is the same
        });
        return body?.responses ?? [];
      });
    },
  };
}
