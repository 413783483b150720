// What concerns the one person: what they have read, hidden, muted, marked. None of it is history.
import type { WireObject } from '@trunkline/wire';
import { badRequest, notFound } from '../../../kernel/http/errors.js';
import { texts } from '../../../kernel/http/untrusted.js';
import { findActivity } from '../activity-store.js';
import type { Rule, RuleContext } from '../rule.js';
import { changeParticipant } from '../store.js';

const acknowledge: Rule = async ({ activity, caller, conversation, me, write }) => {
  const seen =
    activity.object.id === undefined ? undefined : await findActivity(write.tx, activity.object.id);
  if (seen?.conversationId !== conversation.id) throw notFound();
  // what was seen stays seen: an older receipt that comes late changes nothing
  const forward = seen.publishedMs > (me.lastSeenMs ?? -1);
  if (forward)
    await changeParticipant(write.tx, conversation.id, caller.user.id, {
      last_seen_activity_id: seen.id,
      last_seen_ms: seen.publishedMs,
    });
  return {
    object: { objectType: 'activity', id: seen.id },
    kept: false,
    audience: forward ? 'members' : 'none',
  };
};

async function setTags(
  context: RuleContext,
  change: (tags: readonly string[]) => readonly string[],
): Promise<boolean> {
  const { caller, conversation, me, write } = context;
  const tags = [...new Set(change(me.tags))];
  if (tags.length === me.tags.length && tags.every((tag) => me.tags.includes(tag))) return false;
  await changeParticipant(write.tx, conversation.id, caller.user.id, { tags: JSON.stringify(tags) });
  return true;
}

/** The conversation with this person's tags, as their other devices will want to know them. */
const own = (
  { conversation }: RuleContext,
  object: Pick<WireObject, 'tags'>,
  changed: boolean,
): Awaited<ReturnType<Rule>> => ({
  object: { objectType: 'conversation', id: conversation.id, ...object },
  kept: false,
  audience: changed ? 'self' : 'none',
  tagsChanged: changed,
});

const mark =
  (tag: string, on: boolean): Rule =>
  async (context) => {
    const change = (tags: readonly string[]): readonly string[] =>
      on ? [...tags, tag] : tags.filter((other) => other !== tag);
    const changed = await setTags(context, change);
    return own(
      context,
      { tags: [...context.conversation.tags, ...new Set(change(context.me.tags))] },
      changed,
    );
  };

// those are for everybody, and have verbs of their own
const shared = new Set(['ONE_ON_ONE', 'LOCKED', 'ANNOUNCEMENT', 'PUBLIC', 'READ_ONLY', 'TEAM']);

/** Of these only one holds: setting it takes its opposite away. */
const opposites: ReadonlyMap<string, string> = new Map(
  ['MENTION_NOTIFICATIONS', 'MESSAGE_NOTIFICATIONS'].flatMap((name): [string, string][] => [
    [`${name}_ON`, `${name}_OFF`],
    [`${name}_OFF`, `${name}_ON`],
  ]),
);
const maxOwnTags = 50;

const tagging =
  (on: boolean): Rule =>
  async (context) => {
    const named = texts(context.activity.object.tags);
    if (named.length === 0 || named.length > 20 || named.some((tag) => shared.has(tag) || tag.length > 64))
      throw badRequest('These tags cannot be set here.');
    if (on && named.some((tag) => named.includes(opposites.get(tag) ?? '')))
      throw badRequest('A notification cannot be on and off.');
    const ended = new Set(on ? named.flatMap((tag) => opposites.get(tag) ?? []) : named);
    if (on && new Set([...context.me.tags, ...named]).size > maxOwnTags)
      throw badRequest(`At most ${String(maxOwnTags)} tags of your own.`);
    const changed = await setTags(context, (tags) => [
      ...tags.filter((tag) => !ended.has(tag)),
      ...(on ? named : []),
    ]);
    return own(context, { tags: named }, changed);
  };

export const ownRules: Readonly<Record<string, Rule>> = {
  acknowledge,
  hide: mark('HIDDEN', true),
  unhide: mark('HIDDEN', false),
  mute: mark('MUTED', true),
  unmute: mark('MUTED', false),
  favorite: mark('FAVORITE', true),
  unfavorite: mark('FAVORITE', false),
  tag: tagging(true),
  untag: tagging(false),
};
