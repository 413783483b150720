// What each participant is sent when a meeting changes: what is different for them. @source protocol/meetings-signalling.md §6
import type { Locus, LocusDelta } from '@trunkline/wire';
import { eventUrls } from '../../kernel/http/urls.js';
import type { Mercury } from '../mercury/api.js';
import { isIn, isPresent, type Meeting, type Participant } from './model.js';
import { showMeeting, showParticipants, type ShownParticipants } from './show.js';

/** a frame above this would be refused by clients: they are asked to fetch the meeting instead */
const mostChars = 512 * 1024;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Ids of those who look different now. */
const changedIds = (before: ShownParticipants, after: ShownParticipants): ReadonlySet<string> =>
  new Set([...after].flatMap(([id, now]) => (same(before.get(id), now) ? [] : [id])));

/** What changed between two views of one person; fields that are the same are absent. */
function deltaOf(before: Locus, after: Locus, changedParticipants: ReadonlySet<string>): LocusDelta {
  const changed: Record<string, unknown> = {};
  for (const key of Object.keys(after) as (keyof Locus)[])
    if (!['url', 'sequence', 'participants', 'syncUrl'].includes(key) && !same(before[key], after[key]))
      changed[key] = after[key];
  // a participant who came into sight is new to this viewer, even if nothing about them changed
  const known = new Set(before.participants.map(({ id }) => id));
  const participants = after.participants.filter(({ id }) => changedParticipants.has(id) || !known.has(id));
  return {
    url: after.url,
    ...(after.syncUrl !== undefined && { syncUrl: after.syncUrl }),
    baseSequence: before.sequence,
    sequence: after.sequence,
    ...changed,
    ...(participants.length > 0 && { participants }),
  };
}

/** Whether this person saw the meeting in the same way before, so that a difference is enough. */
const sawItAlike = (before: Participant | undefined, now: Participant): before is Participant =>
  before !== undefined && isPresent(before) && isIn(before) === isIn(now);

/** Name of the event for a change of one participant, for clients that look at nothing else. */
function eventFor(before: Meeting | undefined, after: Meeting, viewer: Participant): string {
  for (const participant of after.participants) {
    const was = before?.participants.find(({ id }) => id === participant.id);
    if (was?.state === participant.state || participant.id === viewer.id) continue;
    if (participant.state === 'JOINED') return 'locus.participant_joined';
    if (participant.state === 'LEFT') return 'locus.participant_left';
    if (participant.state === 'DECLINED') return 'locus.participant_declined';
  }
  return 'locus.self_changed';
}

/** Sends the change to everyone who takes part, or did until now. */
export function announce(
  mercury: Pick<Mercury, 'sendToUsers'>,
  before: Meeting | undefined,
  after: Meeting,
): void {
  const shownBefore = before && showParticipants(eventUrls, before);
  const shownAfter = showParticipants(eventUrls, after);
  const changed = changedIds(shownBefore ?? new Map(), shownAfter);
  for (const participant of after.participants) {
    const { userId, id } = participant;
    if (userId === undefined) continue;
    const was = before?.participants.find((other) => other.id === id);
    if (!isPresent(participant) && (was === undefined || !isPresent(was))) continue;
    const whole = showMeeting(eventUrls, after, participant, shownAfter);
    const isDifference =
      before !== undefined &&
      after.type === 'MEETING' &&
      isPresent(participant) &&
      sawItAlike(was, participant);
    let locus: Locus | LocusDelta = isDifference
      ? deltaOf(showMeeting(eventUrls, before, was, shownBefore), whole, changed)
      : whole;
    // this form asks the client to fetch the meeting
    if (JSON.stringify(locus).length > mostChars)
      locus = { url: whole.url, sequence: whole.sequence, baseSequence: whole.sequence };
    mercury.sendToUsers([userId], {
      eventType: isDifference ? 'locus.difference' : eventFor(before, after, participant),
      locusUrl: whole.url,
      locus,
    });
  }
}
