// The tables of room devices. Anyone who calls has checked who asks.
import { type Kysely, sql } from 'kysely';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Database } from '../../kernel/store/index.js';
import type {
  LyraAuxiliaryTable,
  LyraBindingsTable,
  LyraOccupantsTable,
  RoomDevicesTable,
} from './schema.js';

export type Tx = Kysely<Database>;
export type RoomDevice = RoomDevicesTable;
export type Occupant = LyraOccupantsTable;
export type Binding = LyraBindingsTable;
export type Auxiliary = LyraAuxiliaryTable;

/** people (counted once per device of theirs) in one room */
export const mostOccupants = 200;

export const newPin = (): string => String(randomInt(1_000_000)).padStart(6, '0');
export const newUltrasound = (): string => randomBytes(12).toString('hex');

export const deviceById = (tx: Tx, id: string): Promise<RoomDevice | undefined> =>
  tx.selectFrom('room_devices').selectAll().where('id', '=', id).executeTakeFirst();
export const deviceByToken = (tx: Tx, token: string): Promise<RoomDevice | undefined> =>
  tx.selectFrom('room_devices').selectAll().where('ultrasound_token', '=', token).executeTakeFirst();
export const allDevices = (tx: Tx): Promise<RoomDevice[]> =>
  tx.selectFrom('room_devices').selectAll().orderBy('created_ms').orderBy('id').execute();

/** By prefix of any word of the name. */
export function searchDevices(tx: Tx, orgId: string, text: string, max: number): Promise<RoomDevice[]> {
  const prefix = text.toLowerCase().replace(/[\\%_]/g, '\\$&');
  const name = sql<string>`lower(display_name)`;
  return tx
    .selectFrom('room_devices')
    .selectAll()
    .where('org_id', '=', orgId)
    .where(
      sql<boolean>`(${name} like ${`${prefix}%`} escape '\\' or ${name} like ${`% ${prefix}%`} escape '\\')`,
    )
    .orderBy('display_name')
    .orderBy('id')
    .limit(max)
    .execute();
}

export async function changeDevice(
  tx: Tx,
  id: string,
  change: Partial<Omit<RoomDevice, 'id'>>,
): Promise<void> {
  await tx.updateTable('room_devices').set(change).where('id', '=', id).execute();
}

// ---- occupants

export const occupantsOf = (tx: Tx, deviceId: string, nowMs: number): Promise<Occupant[]> =>
  tx
    .selectFrom('lyra_occupants')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('expires_ms', '>', nowMs)
    .execute();
export const roomsOf = async (tx: Tx, userId: string, nowMs: number): Promise<readonly string[]> =>
  (
    await tx
      .selectFrom('lyra_occupants')
      .select('device_id')
      .distinct()
      .where('user_id', '=', userId)
      .where('expires_ms', '>', nowMs)
      .execute()
  ).map((row) => row.device_id);

export async function putOccupant(tx: Tx, row: Occupant): Promise<void> {
  await tx
    .insertInto('lyra_occupants')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'user_id', 'wdm_id'])
        .doUpdateSet({ verified: row.verified, expires_ms: row.expires_ms }),
    )
    .execute();
}

/** Removes those that match, and answers them. */
export function removeOccupants(
  tx: Tx,
  match: Partial<Pick<Occupant, 'device_id' | 'user_id' | 'wdm_id' | 'verified'>> & {
    readonly expiredMs?: number;
  },
): Promise<Occupant[]> {
  let query = tx.deleteFrom('lyra_occupants').returningAll();
  for (const column of ['device_id', 'user_id', 'wdm_id', 'verified'] as const) {
    const value = match[column];
    if (value !== undefined) query = query.where(column, '=', value);
  }
  if (match.expiredMs !== undefined) query = query.where('expires_ms', '<=', match.expiredMs);
  return query.execute();
}

// ---- bindings

export const bindingsOf = (tx: Tx, deviceId: string): Promise<Binding[]> =>
  tx
    .selectFrom('lyra_bindings')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('created_ms')
    .execute();
export const bindingOf = (tx: Tx, deviceId: string, conversationId: string): Promise<Binding | undefined> =>
  tx
    .selectFrom('lyra_bindings')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
export const allBindings = (tx: Tx): Promise<Binding[]> =>
  tx.selectFrom('lyra_bindings').selectAll().execute();
export async function insertBinding(tx: Tx, binding: Omit<Binding, 'id'>): Promise<Binding> {
  const row = { id: randomUUID(), ...binding };
  await tx
    .insertInto('lyra_bindings')
    .values(row)
    .onConflict((conflict) => conflict.columns(['device_id', 'conversation_id']).doNothing())
    .execute();
  return row;
}
export async function removeBinding(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('lyra_bindings').where('id', '=', id).execute();
}

// ---- what people's clients remember

export const auxiliaryOf = (tx: Tx, userId: string): Promise<Auxiliary[]> =>
  tx
    .selectFrom('lyra_auxiliary')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('modified_ms', 'desc')
    .execute();
export async function putAuxiliary(tx: Tx, row: Auxiliary, renamed: boolean): Promise<void> {
  const { modified_ms, name, key_url } = row;
  await tx
    .insertInto('lyra_auxiliary')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'device_id'])
        .doUpdateSet(renamed ? { modified_ms, name, key_url } : { modified_ms }),
    )
    .execute();
}
export const removeAuxiliary = async (tx: Tx, userId: string, deviceId: string): Promise<boolean> =>
  (
    await tx
      .deleteFrom('lyra_auxiliary')
      .where('user_id', '=', userId)
      .where('device_id', '=', deviceId)
      .returning('device_id')
      .execute()
  ).length > 0;
