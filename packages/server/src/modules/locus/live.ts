import { randomUUID } from 'node:crypto';
import { notFound } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Mercury } from '../mercury/api.js';
import { announce } from './announce.js';
import { defaultControls, type Meeting } from './model.js';
import type { At } from './rules/joining.js';
import {
  findHeld,
  findMeeting,
  heldMeetings,
  meetingsOf,
  putMeeting,
  removeEnded,
  type Tx,
} from './store.js';

/** A rule: the meeting after something happened. It throws an ApiError for what is refused. */
export type Rule = (meeting: Meeting, at: At) => Meeting;
export type MeetingChange = (before: Meeting | undefined, after: Meeting) => void;

/** What a new meeting is held in. */
export type NewMeeting = Pick<Meeting, 'type' | 'orgId' | 'title' | 'isPersonalRoom'> &
  Partial<
    Pick<Meeting, 'scheduledId' | 'conversationId' | 'hostUserId' | 'number' | 'sipAddress' | 'isLocked'>
  >;

/** The meetings that are held. Every change is stored before it is answered and announced. */
export interface LiveMeetings {
  find(id: string): Promise<Meeting | undefined>;
  /** Those that are held. */
  held(): Promise<readonly Meeting[]>;
  /** The one that is held in a scheduled meeting or personal room. */
  heldIn(where: { readonly scheduledId: string }): Promise<Meeting | undefined>;
  /** Those of one person that are held. */
  of(userId: string): Promise<readonly Meeting[]>;
  /** Removes those that ended before this, epoch ms. */
  removeEnded(beforeMs: number): Promise<void>;
  /** Applies a rule. A rule that returns the same value changes nothing. @throws ApiError 404, and what the rule throws */
  change(id: string, rule: Rule): Promise<Meeting>;
  /** Applies a rule to the meeting that is held there, or to a new one. */
  changeHeld(where: NewMeeting, rule: Rule): Promise<Meeting>;
  /** Called after each change was stored; it must not throw. Returns an unsubscribe function. */
  onChange(listener: MeetingChange): () => void;
}

export function createLiveMeetings(
  { store, now }: Pick<Kernel, 'store' | 'now'>,
  mercury: Pick<Mercury, 'sendToUsers'>,
): LiveMeetings {
  const listeners = new Set<MeetingChange>();
  const at = (): At => ({ nowMs: now(), newId: randomUUID });

  const apply = (find: (tx: Tx) => Promise<Meeting>, rule: Rule, isNew = false): Promise<Meeting> =>
    store.write(async (write) => {
      const before = await find(write.tx);
      const after = rule(before, at());
      if (after === before) return before;
      const changed = { ...after, sequence: before.sequence + 1 };
      const known = isNew && before.sequence === 0 ? undefined : before;
      await putMeeting(write.tx, changed, known);
      write.afterCommit(() => {
        announce(mercury, known, changed);
        for (const listener of listeners) listener(known, changed);
      });
      return changed;
    });

  const newMeeting = (where: NewMeeting, nowMs: number): Meeting => ({
    isLocked: false,
    ...where,
    id: randomUUID(),
    state: 'INITIALIZING',
    sequence: 0,
    sessionId: randomUUID(),
    createdMs: nowMs,
    activeMs: nowMs,
    controls: defaultControls,
    participants: [],
  });

  return {
    find: (id) => findMeeting(store.db, id),
    held: () => heldMeetings(store.db),
    heldIn: (where) => findHeld(store.db, where),
    of: (userId) => meetingsOf(store.db, userId),
    removeEnded: (beforeMs) => store.write(({ tx }) => removeEnded(tx, beforeMs)),
    change: (id, rule) =>
      apply(async (tx) => {
        const meeting = await findMeeting(tx, id);
        if (meeting === undefined) throw notFound();
        return meeting;
      }, rule),
    changeHeld: (where, rule) => {
      const { scheduledId, conversationId } = where;
      return apply(
        async (tx) => {
          const held =
            scheduledId !== undefined
              ? await findHeld(tx, { scheduledId })
              : conversationId !== undefined
                ? await findHeld(tx, { conversationId })
                : undefined;
          return held ?? newMeeting(where, now());
        },
        rule,
        true,
      );
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
