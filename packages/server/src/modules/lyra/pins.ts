// A PIN is on the screen of the room: who can tell it is there. Nothing here is answered to a person but whether it was right.
import { lyraRefusals } from '@trunkline/wire';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../../kernel/http/errors.js';
import {
  changeDevice,
  mostOccupants,
  newPin,
  newUltrasound,
  type Occupant,
  occupantsOf,
  putOccupant,
  removeOccupants,
  type RoomDevice,
  type Tx,
} from './store.js';

/** ms for which a PIN that a user was asked for is good */
export const pinLifeMs = 5 * 60_000;
/** ms after which anyone who is in a room has left it, unless there was a sign of them */
export const occupancyMs = 12 * 3_600_000;
/** wrong answers until another PIN is shown, and until one has to wait */
const triesPerPin = 3;
/** ms without an answer after which wrong ones are forgotten */
export const attemptsMemoryMs = 86_400_000;

const refusal = (errorCode: number, message: string): ApiError => new ApiError(403, message, { errorCode });
const over = (): ApiError =>
  refusal(lyraRefusals.pinOver, 'The PIN is no longer shown; ask for another one.');

const same = (given: string, right: string): boolean => {
  const [a, b] = [given, right].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
};

/** Another PIN is shown, and other sounds are made. */
export const rotate = (tx: Tx, device: RoomDevice): Promise<void> =>
  changeDevice(tx, device.id, {
    pin: newPin(),
    pin_expires_ms: null,
    ultrasound_token: newUltrasound(),
  });

const isOver = (device: RoomDevice, nowMs: number): boolean =>
  device.pin_expires_ms !== null && device.pin_expires_ms <= nowMs;

async function failuresOf(tx: Tx, deviceId: string, userId: string, nowMs: number) {
  const row = await tx
    .selectFrom('lyra_attempts')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row === undefined || row.last_ms + attemptsMemoryMs < nowMs
    ? { failures: 0, last_ms: 0 }
    : { failures: row.failures, last_ms: row.last_ms };
}

/** The PIN is shown to anyone who looks at the screen. @throws ApiError 403 for who guessed too often a moment ago */
export async function challenge(
  tx: Tx,
  device: RoomDevice,
  who: Pick<Occupant, 'user_id' | 'wdm_id'>,
  nowMs: number,
): Promise<void> {
  const before = (await occupantsOf(tx, device.id, nowMs)).find(
    (row) => row.user_id === who.user_id && row.wdm_id === who.wdm_id,
  );
  if (before?.verified === 1) return;
  const { failures, last_ms } = await failuresOf(tx, device.id, who.user_id, nowMs);
  const rounds = Math.floor(failures / triesPerPin);
  // 6 digits last: three guesses, then a minute, two, four, … an hour
  const waitMs =
    failures > 0 && failures % triesPerPin === 0
      ? last_ms + Math.min(3_600_000, 60_000 * 2 ** (rounds - 1)) - nowMs
      : 0;
  if (waitMs > 0)
    throw refusal(
      lyraRefusals.pinOver,
      `Too many wrong PINs; ask again in ${String(Math.ceil(waitMs / 1000))} s.`,
    );
  await removeOccupants(tx, { device_id: device.id, expiredMs: nowMs });
  if ((await occupantsOf(tx, device.id, nowMs)).length >= mostOccupants)
    throw new ApiError(403, 'The room is full.');
  if (isOver(device, nowMs)) await rotate(tx, device);
  const expires_ms = nowMs + pinLifeMs;
  await changeDevice(tx, device.id, { pin_expires_ms: expires_ms });
  await putOccupant(tx, { device_id: device.id, ...who, verified: 0, expires_ms });
}

/** Undefined when the PIN was right; else the refusal, which is thrown once what it cost is kept. */
export async function answerPin(
  tx: Tx,
  device: RoomDevice,
  who: Pick<Occupant, 'user_id' | 'wdm_id'>,
  pin: string,
  nowMs: number,
): Promise<ApiError | undefined> {
  const present = await occupantsOf(tx, device.id, nowMs);
  const own = present.find((row) => row.user_id === who.user_id && row.wdm_id === who.wdm_id);
  if (own?.verified === 1) return undefined;
  if (own === undefined || device.pin_expires_ms === null || isOver(device, nowMs)) {
    if (isOver(device, nowMs)) await rotate(tx, device);
    return over();
  }
  if (!same(pin, device.pin)) {
    const failures = (await failuresOf(tx, device.id, who.user_id, nowMs)).failures + 1;
    const row = { device_id: device.id, user_id: who.user_id, failures, last_ms: nowMs };
    await tx
      .insertInto('lyra_attempts')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'user_id']).doUpdateSet({ failures, last_ms: nowMs }),
      )
      .execute();
    const left = triesPerPin - (failures % triesPerPin);
    if (left < triesPerPin)
      return refusal(
        lyraRefusals.wrongPin,
        `The PIN is not the one on the screen; ${String(left)} ${left === 1 ? 'try' : 'tries'} left.`,
      );
    await removeOccupants(tx, { device_id: device.id, user_id: who.user_id, verified: 0 });
    await rotate(tx, device);
    return refusal(
      lyraRefusals.pinOver,
      'Too many wrong PINs; another one is shown, ask for it in a minute.',
    );
  }
  await putOccupant(tx, { device_id: device.id, ...who, verified: 1, expires_ms: nowMs + occupancyMs });
  await tx
    .deleteFrom('lyra_attempts')
    .where('device_id', '=', device.id)
    .where('user_id', '=', who.user_id)
    .execute();
  // others may be reading it just now
  if (!present.some((row) => row.verified === 0 && row !== own)) await rotate(tx, device);
  return undefined;
}
