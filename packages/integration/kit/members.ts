import { isSdkError, type Client, type SdkError } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, type Cloud } from '@trunkline/testing';

const plain = () => [rooms(), messages(), memberships(), people()] as const;

/** Someone with the four plugins of messaging, whichever way words travel. */
export type Member = Client<ReturnType<typeof plain>>;

/** `e2ee`: words leave as ciphertext. `rest`: the service reads them. */
export type Mode = 'rest' | 'e2ee';
export const modes: readonly Mode[] = ['rest', 'e2ee'];

/** One client each, its socket open: events arrive from now on. */
export async function join<const Names extends readonly string[]>(
  cloud: Cloud,
  mode: Mode,
  names: Names,
): Promise<{ readonly [K in keyof Names]: Member }> {
  const clients: { readonly [K in keyof Names]: Member } =
    mode === 'rest'
      ? await cloud.clients(names, plain)
      : await cloud.clients(names, () => [...plain(), e2ee()] as const);
  await Promise.all((clients as readonly Member[]).map((client) => client.connect()));
  return clients;
}

/** Closes clients, sees to it that they leave nothing behind, and ends the service. */
export async function part(cloud: Cloud, ...clients: readonly Member[]): Promise<void> {
  for (const client of clients) {
    await client.close();
    await expectQuiet(client);
  }
  await cloud.close();
}

/** What a call was refused with. */
export async function refusal(work: Promise<unknown>): Promise<SdkError> {
  try {
    await work;
  } catch (error) {
    if (isSdkError(error)) return error;
    throw error;
  }
  throw new Error('it was allowed');
}

/** All of a list. */
export async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** The room of these two: made by the first of them, who brings the other one in. */
export async function roomOf(
  maker: Member,
  ...emails: readonly string[]
): Promise<{ readonly id: string; readonly title?: string }> {
  const room = await maker.rooms.create({ title: `Room of ${String(emails.length + 1)}` });
  for (const personEmail of emails) await maker.memberships.create({ roomId: room.id, personEmail });
  return room;
}
