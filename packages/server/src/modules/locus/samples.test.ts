// Meetings as values, for tests of the rules.
import { ApiError } from '../../kernel/http/errors.js';
import { defaultControls, participantOf, type Meeting, type Participant } from './model.js';
import { invite, join, type Arrival, type At } from './rules/joining.js';

let ids = 0;
export const at = (nowMs = 1_000): At => ({ nowMs, newId: () => `p${String((ids += 1))}` });
export const emptyMeeting = (more: Partial<Meeting> = {}): Meeting => ({
  id: 'm',
  type: 'MEETING',
  state: 'INITIALIZING',
  sequence: 0,
  sessionId: 's',
  createdMs: 0,
  activeMs: 0,
  orgId: 'org',
  title: 'Standup',
  isPersonalRoom: false,
  isLocked: false,
  controls: defaultControls,
  participants: [],
  hostUserId: 'ana',
  ...more,
});
export const deviceOf = (userId: string): string => `${userId}-device`;
export const arrival = (userId: string, more: Partial<Arrival> = {}): Arrival => ({
  userId,
  name: userId,
  email: `${userId}@example.com`,
  orgId: 'org',
  isGuest: false,
  device: { key: deviceOf(userId), deviceType: 'WEB', correlationId: `${userId}-1` },
  isHost: userId === 'ana',
  mustWait: false,
  ...more,
});
/** One that these people have joined, each a millisecond after the one before. */
export const meetingOf = (...people: readonly string[]): Meeting =>
  people.reduce((meeting, userId, n) => join(meeting, arrival(userId), at(n)), emptyMeeting());
/** Ana calls Ben. */
export const ringingCall = (): Meeting =>
  invite(
    join({ ...emptyMeeting({ type: 'CALL' }) }, arrival('ana', { isHost: false }), at()),
    [{ userId: 'ben', name: 'ben', email: 'ben@example.com', orgId: 'org', address: 'ben@example.com' }],
    at(),
  );
export const waiting = (meeting: Meeting, userId: string): Meeting =>
  join(meeting, arrival(userId, { mustWait: true }), at());
export function one(meeting: Meeting, userId: string): Participant {
  const found = participantOf(meeting, userId);
  if (found === undefined) throw new Error(`${userId} is not there`);
  return found;
}
export function refusalOf(run: () => unknown): { readonly status: number; readonly message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('a refusal was expected');
}
