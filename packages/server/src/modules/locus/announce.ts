// What each participant is sent when a meeting changes: what is different for them. @source protocol/meetings-signalling.md §6
import type { Locus, LocusDelta, LocusParticipant } from '@trunkline/wire';
import { eventUrls } from '../../kernel/http/urls.js';
import type { Mercury } from '../mercury/api.js';
import { isIn, isPresent, type Meeting, type Participant } from './model.js';
import { showMeeting } from './show.js';

/** a frame above this would be refused by clients: they are asked to fetch the meeting instead */
const mostChars = 512 * 1024;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What changed between two views of one person; fields that are the same are absent. */
export function deltaOf(before: Locus, after: Locus): LocusDelta {
  const changed: Record<string, unknown> = {};
  for (const key of Object.keys(after) as (keyof Locus)[])
    if (!['url', 'sequence', 'participants', 'syncUrl'].includes(key) && !same(before[key], after[key]))
      changed[key] = after[key];
  const known = new Map<string, LocusParticipant>(before.participants.map((one) => [one.id, one]));
  const participants = after.participants.filter((one) => !same(known.get(one.id), one));
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
  for (const participant of after.participants) {
    const { userId, id } = participant;
    if (userId === undefined) continue;
    const was = before?.participants.find((other) => other.id === id);
    if (!isPresent(participant) && (was === undefined || !isPresent(was))) continue;
    const whole = showMeeting(eventUrls, after, participant);
    const isDifference =
      before !== undefined &&
      after.type === 'MEETING' &&
      isPresent(participant) &&
      sawItAlike(was, participant);
    let locus: Locus | LocusDelta = isDifference
      ? deltaOf(showMeeting(eventUrls, before, was), whole)
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
