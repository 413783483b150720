import { randomUUID } from 'node:crypto';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { text } from '../../kernel/http/untrusted.js';
import { eventUrls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Needs } from '../../kernel/module.js';
import type { Write } from '../../kernel/store/index.js';
import type { Caller } from '../identity/api.js';
import { findByTempId, insertActivity } from './activity-store.js';
import type { NewActivity, StoredActivity } from './api.js';
import { rotation } from './rotation.js';
import type { Decision, Rule } from './rule.js';
import { activityEvent, peopleIn, wireActivity } from './shapes.js';
import {
  changeConversation,
  type ConversationRecord,
  findConversation,
  findParticipant,
  hasMembers,
  markSeen,
  roomsOfTeam,
} from './store.js';
import { canBeJoined, succession } from './succession.js';
import { byTeam, isGeneral, isOpenToTeam, titleForTeam } from './team-rooms.js';
import { indexChild } from './threads.js';
import { avatarRules } from './verbs/avatar.js';
import { contentRules } from './verbs/content.js';
import { leave, memberRules } from './verbs/members.js';
import { ownRules } from './verbs/own.js';
import { spaceRules } from './verbs/space.js';
import { teamRules } from './verbs/team.js';

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...avatarRules,
    ...contentRules,
    ...memberRules,
    ...ownRules,
    ...spaceRules,
    ...teamRules,
  }),
);

/** After these a user may be missing. */
const concluded: ReadonlySet<string> = new Set(['leave', 'unassignModerator']);

export interface Recorded {
  readonly stored: StoredActivity;
  /** as it is now */
  readonly conversation: ConversationRecord;
  /** what the key service answered to the activity's `kmsMessage`, for the client that sent it */
  readonly kmsMessage?: string;
}
/** What an activity came to, for the response to the client that submitted it: nothing needs to be read again. */
export interface Performed extends Recorded {
  /** false when the caller left by it */
  readonly isMember: boolean;
}

/** The one way anything happens in a conversation: checked, ordered, kept and announced in one write. */
export function createSubmitter(
  kernel: Kernel,
  { files, identity, kms, mercury }: Needs<'files' | 'identity' | 'kms' | 'mercury'>,
) {
  /** Gives what a rule decided its place in the conversation's order, stores it and announces it. */
  async function record(
    write: Write,
    caller: Caller,
    conversation: ConversationRecord,
    decision: Decision,
    { verb, clientTempId }: Pick<NewActivity, 'verb' | 'clientTempId'>,
  ): Promise<Recorded> {
    const { audience, kept, afterEvent, index, tagsChanged = false } = decision;
    const publishedMs = Math.max(kernel.now(), conversation.lastActivityMs + (kept ? 1 : 0));
    const stored: StoredActivity = {
      id: randomUUID(),
      conversationId: conversation.id,
      seq: conversation.seq + (kept ? 1 : 0),
      verb,
      actorId: caller.user.id,
      publishedMs,
      parent: decision.parent,
      clientTempId: clientTempId ?? null,
      keyUrl: decision.keyUrl ?? null,
      object: decision.object,
      deletedMs: null,
    };
    const { change } = decision;
    const now: ConversationRecord = {
      ...conversation,
      ...change,
      seq: stored.seq,
      lastActivityMs: kept ? publishedMs : conversation.lastActivityMs,
      lastReadableMs: change?.lastReadableMs === undefined ? conversation.lastReadableMs : publishedMs,
    };
    if (kept) {
      await insertActivity(write.tx, stored);
      if (stored.parent !== undefined) await indexChild(write.tx, stored);
      await index?.(stored);
    }
    if (kept || change !== undefined) await changeConversation(write.tx, now, change);
    if (audience !== 'none') {
      // before the event is handed over, so that it already meets the new members
      if (afterEvent !== undefined || tagsChanged)
        write.afterCommit(() => {
          mercury.membershipChanged(conversation.id);
        });
      const ids = peopleIn([stored]);
      const [only] = ids;
      const users =
        ids.length === 1 && only === caller.user.id
          ? new Map([[only, caller.user]])
          : await identity.usersByIds(ids);
      const pos = await mercury.append(write, {
        ...(audience === 'members' ? { conversationId: conversation.id } : { userId: caller.user.id }),
        data: { eventType: 'conversation.activity' },
        text: activityEvent(stored, now, users),
      });
      await afterEvent?.(pos);
    }
    if (kept) await markSeen(write.tx, stored);
    return { stored, conversation: now };
  }

  /** A key that anyone who left never had. Several who leave in one write make one new key: it is made at the write's end. */
  async function rotate(
    write: Write,
    caller: Caller,
    conversation: ConversationRecord,
  ): Promise<ConversationRecord> {
    const decision = await rotation(write, caller, conversation, kms);
    if (decision === undefined) return conversation;
    return (await record(write, caller, conversation, decision, { verb: 'updateKey' })).conversation;
  }

  /** What follows when members left or stopped being moderators, once for all of a write. */
  async function conclude(
    write: Write,
    caller: Caller,
    conversation: ConversationRecord,
  ): Promise<ConversationRecord> {
    if (!(await hasMembers(write.tx, conversation.id))) {
      if (!canBeJoined(conversation)) await files.dropAll(write, conversation.id);
      return conversation;
    }
    const next = await succession(write.tx, conversation);
    const now =
      next === undefined
        ? conversation
        : (await record(write, caller, conversation, next.decision, { verb: next.verb })).conversation;
    return rotate(write, caller, now);
  }

  /** Concludes several activities, at the end of their write. */
  async function concludeLeaves(write: Write, caller: Caller, conversationId: string): Promise<void> {
    const conversation = await findConversation(write.tx, conversationId);
    if (conversation !== undefined) await conclude(write, caller, conversation);
  }

  /** Members of a team learn the new name of its open rooms, also of those that they are not in. */
  async function notifyTeam(write: Write, caller: Caller, { conversation, stored }: Recorded): Promise<void> {
    if (!isOpenToTeam(conversation) || text(stored.object.displayName) === undefined) return;
    const team = await findConversation(write.tx, conversation.teamId ?? '');
    const displayName = team && (await titleForTeam(kms, conversation, team));
    if (team === undefined || displayName === undefined) return;
    const users = new Map([[caller.user.id, caller.user]]);
    const event = wireActivity(
      {
        ...stored,
        keyUrl: team.keyUrl,
        object: { ...stored.object, displayName, encryptionKeyUrl: team.keyUrl },
      },
      { ...conversation, keyUrl: team.keyUrl },
      users,
      eventUrls,
    );
    const activity = {
      ...wireActivity({ ...stored, id: randomUUID(), keyUrl: team.keyUrl }, team, users, eventUrls),
      object: { objectType: 'teamRoomStatus', id: conversation.id, activityEvent: event },
    };
    await mercury.append(write, {
      conversationId: team.id,
      data: { eventType: 'conversation.activity', activity },
    });
  }

  /** Who leaves a team leaves its rooms. When no one is left in it, its rooms have no team. */
  async function leaveRooms(write: Write, caller: Caller, teamId: string, userId: string): Promise<void> {
    const isEmpty = !(await hasMembers(write.tx, teamId));
    for (const id of await roomsOfTeam(write.tx, teamId)) {
      const room = id === teamId ? undefined : await findConversation(write.tx, id);
      if (room === undefined) continue;
      const me = await findParticipant(write.tx, id, userId);
      let now = room;
      if (me !== undefined) {
        const object = { objectType: 'person', id: userId, details: byTeam };
        const activity: NewActivity = { verb: 'leave', object };
        const context = {
          write,
          caller,
          me,
          conversation: room,
          activity,
          nowMs: kernel.now(),
          kms,
          identity,
          files,
        };
        now = (await record(write, caller, room, await leave(context), activity)).conversation;
      }
      if (isEmpty) {
        now = { ...now, teamId: null };
        await changeConversation(write.tx, now, { teamId: null });
      }
      if (me !== undefined || isEmpty) await conclude(write, caller, now);
    }
  }

  /** Within a write that is under way. @param more others follow in it, and `concludeLeaves` after them */
  async function perform(
    write: Write,
    caller: Caller,
    conversationId: string,
    activity: NewActivity,
    more = false,
  ): Promise<Performed> {
    const me = await findParticipant(write.tx, conversationId, caller.user.id);
    const found = me && (await findConversation(write.tx, conversationId));
    // anyone who is not in it cannot distinguish it from one that does not exist
    if (me === undefined || found === undefined) throw notFound();
    if (activity.clientTempId !== undefined) {
      const before = await findByTempId(write.tx, conversationId, caller.user.id, activity.clientTempId);
      if (before !== undefined) return { stored: before, conversation: found, isMember: true };
    }
    const rule = rules.get(activity.verb);
    if (rule === undefined)
      throw new ApiError(501, `This service does not carry out the verb ${activity.verb.slice(0, 40)}.`);
    const conversation =
      activity.verb === 'leave' || !found.keyRetired ? found : await rotate(write, caller, found);
    let kmsMessage: string | undefined;
    if (activity.kmsMessage !== undefined) {
      const { answer, kroUrl } = await kms.embedded(write, caller, activity.kmsMessage);
      // a room that comes into a team shares its keys with it
      const named = activity.object.objectType === 'conversation' ? activity.object.id : undefined;
      const other = named === undefined ? undefined : await findConversation(write.tx, named);
      if (kroUrl !== undefined && kroUrl !== conversation.kroUrl && kroUrl !== other?.kroUrl)
        throw badRequest('The key message is about another resource than that of this space.');
      kmsMessage = answer;
    }
    const nowMs = kernel.now();
    const decision = await rule({
      write,
      caller,
      me,
      conversation,
      activity,
      nowMs,
      kms,
      identity,
      files,
    });
    const recorded = {
      ...(await record(write, caller, conversation, decision, activity)),
      ...(kmsMessage === undefined ? {} : { kmsMessage }),
    };
    for (const next of decision.also ?? [])
      await perform(write, caller, next.conversationId, next.activity, true);
    if (activity.verb === 'update') await notifyTeam(write, caller, recorded);
    if (activity.verb === 'leave' && isGeneral(conversation))
      await leaveRooms(write, caller, conversation.id, text(decision.object.id) ?? caller.user.id);
    const isMember =
      activity.verb !== 'leave' ||
      (await findParticipant(write.tx, conversationId, caller.user.id)) !== undefined;
    if (more || !concluded.has(activity.verb)) return { ...recorded, isMember };
    return { ...recorded, isMember, conversation: await conclude(write, caller, recorded.conversation) };
  }

  return { record, perform, concludeLeaves };
}
export type Submitter = ReturnType<typeof createSubmitter>;
