// Search in the messages of one's own conversations.
import { badRequest } from '../../kernel/http/errors.js';
import { fields, list, text, texts } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import {
  byTime,
  type ConversationRecord,
  peopleIn,
  type StoredActivity,
  wireActivity,
} from '../../modules/conversation/api.js';
import type { Rest } from '../tools.js';

/** conversations that are looked through, those with the latest activity first */
const mostConversations = 200;
/** messages that are decrypted for one search, of all conversations together */
const mostMessages = 5_000;
const messagesAtOnce = 200;
const mostResults = 200;
const longestQuery = 1_000;

/**
 * No index exists: messages are ciphertext, so a search decrypts the newest messages of the caller's conversations and
 * compares them. It finds every word of the query anywhere in the text, whatever its case.
 *
 * @source protocol/conversation.md §6
 */
export function searchRoutes({ kernel, conversations, identity, kms }: Rest): Routes {
  const { reads } = conversations;
  return (app) => {
    app.post(`${servicePaths.argonaut}/search`, async (request) => {
      const caller = await identity.caller(request);
      const body = fields(request.body);
      const given = text(body['query']);
      if (given === undefined || given === '') throw badRequest('query must be a text that is not empty.');
      const keyUrl = text(body['searchEncryptionKeyUrl']);
      const query = keyUrl === undefined ? given : await kms.decryptFor(caller.user.id, keyUrl, given);
      if (query === undefined) throw badRequest('The query cannot be read with its searchEncryptionKeyUrl.');
      if (query.length > longestQuery)
        throw badRequest(`query must not have more than ${String(longestQuery)} characters.`);
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length === 0) return { activities: { items: [] } };
      // official clients say 0, or nothing, for as many as there are
      const wanted = Number(body['limit'] ?? 0);
      if (!Number.isInteger(wanted) || wanted < 0) throw badRequest('limit must be a whole number.');
      const limit = wanted === 0 ? mostResults : wanted;
      const by = new Set(peopleOf(body['sharedBy']));
      const where = new Set(peopleOf(body['sharedIn']));
      const found: { activity: StoredActivity; conversation: ConversationRecord }[] = [];
      let left = mostMessages;
      for (const { conversation } of await reads.list(caller.user.id, { limit: mostConversations })) {
        if (where.size > 0 && !where.has(conversation.id)) continue;
        const messages = await reads.activities(conversation.id, {
          limit: Math.min(messagesAtOnce, left),
          messagesOnly: true,
        });
        left -= messages.length;
        const plain = await kms.decryptAll(
          messages.map(({ keyUrl: key, object }) => ({
            keyUrl: key ?? '',
            jwe: text(object.displayName) ?? '',
          })),
        );
        for (const [at, activity] of messages.entries()) {
          const said = plain[at]?.toLowerCase();
          if (said === undefined || !words.every((word) => said.includes(word))) continue;
          if (by.size === 0 || by.has(activity.actorId)) found.push({ activity, conversation });
        }
        if (left <= 0) break;
      }
      found.sort((one, other) => byTime(other.activity, one.activity));
      const shown = found.slice(0, Math.min(limit, mostResults));
      const users = await identity.usersByIds(peopleIn(shown.map(({ activity }) => activity)));
      const urls = kernel.urls(request);
      return {
        activities: {
          items: shown.map(({ activity, conversation }) => wireActivity(activity, conversation, users, urls)),
        },
      };
    });
  };
}

/** Uuids, in a list or alone. */
const peopleOf = (value: unknown): readonly string[] => {
  const one = text(value);
  return one === undefined ? texts(list(value)) : [one];
};
