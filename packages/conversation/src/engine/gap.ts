import type { Gap, GapOutcome, Host } from '@trunkline/core';
import type { Items, WireActivity, WireConversation } from '@trunkline/wire';
import type { Inbox } from './inbox.js';
import { oldestFirst } from './oldest-first.js';

const pageSize = 200;
const maxPages = 100;
const conversationsLimit = 1_000;
/** activities of two conversations may overtake each other by this much on their way */
const overlapMs = 60_000;

/**
 * Fetches what was missed while the socket was away and sends it the way of all activities, oldest first. Dates are the
 * service's own, taken from activities, wherever one has come in: our clock may be wrong.
 *
 * @source protocol/conversation.md §2
 */
export async function fillGap(host: Host, inbox: Inbox, gap: Gap): Promise<GapOutcome> {
  const newest = inbox.newest === undefined ? undefined : Date.parse(inbox.newest);
  const sinceMs = newest === undefined ? gap.sinceMs : newest - overlapMs;
  // nothing from before we began to listen
  const firstMs = inbox.first === undefined ? gap.sinceMs : Date.parse(inbox.first);

  const { body } = await host.request<Items<WireConversation>>({
    service: 'conversation',
    path: 'conversations',
    query: {
      personRefresh: true,
      uuidEntryFormat: true,
      activitiesLimit: 0,
      participantsLimit: 0,
      conversationsLimit,
      sinceDate: sinceMs,
    },
  });
  let missed = 0;
  // one after the other: after a long night there are many, and the service has a limit
  for (const { id, url } of body.items) {
    const last = inbox.lastOf(id);
    let fromMs = last === undefined ? Math.max(sinceMs, firstMs) : Date.parse(last) - 1;
    for (let page = 0; page < maxPages; page += 1) {
      const activities = await fetchSince(host, url, fromMs);
      for (const activity of activities) {
        if (inbox.has(activity.id) || Date.parse(activity.published) < firstMs) continue;
        missed += 1;
        await inbox.take(activity);
      }
      // whether `sinceDate` itself is included is not known: what comes twice is seen to be known
      const next = Date.parse(activities.at(-1)?.published ?? '') - 1;
      if (activities.length < pageSize || !(next > fromMs)) break;
      fromMs = next;
    }
  }
  return { missed };
}

async function fetchSince(host: Host, url: string, sinceDate: number): Promise<readonly WireActivity[]> {
  const { body } = await host.request<Items<WireActivity>>({
    url: `${url}/activities`,
    query: { sinceDate, limit: pageSize, lastActivityFirst: false },
  });
  return oldestFirst(body.items);
}
