import { attachmentActions } from '@trunkline/attachment-actions';
import type { Client } from '@trunkline/core';
import { devices } from '@trunkline/devices';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { presence } from '@trunkline/presence';
import { rooms } from '@trunkline/rooms';
import { teamMemberships, teams } from '@trunkline/teams';
import { expectQuiet, type Cloud } from '@trunkline/testing';
import { webhooks } from '@trunkline/webhooks';

const everything = () =>
  [
    rooms(),
    messages(),
    memberships(),
    people(),
    teams(),
    teamMemberships(),
    webhooks(),
    attachmentActions(),
    presence(),
    devices(),
    e2ee(),
  ] as const;

/** Someone whose app has every plugin, as one client: what one capability needs, no other disturbs. */
export type Somebody = Client<ReturnType<typeof everything>>;

/** One client each, its socket open. */
export async function meet<const Names extends readonly string[]>(
  cloud: Cloud,
  ...names: Names
): Promise<{ readonly [K in keyof Names]: Somebody }> {
  const clients = await cloud.clients(names, everything);
  await Promise.all((clients as readonly Somebody[]).map((client) => client.connect()));
  return clients;
}

export async function leave(cloud: Cloud, ...clients: readonly Somebody[]): Promise<void> {
  for (const client of clients) {
    await client.close();
    await expectQuiet(client);
  }
  await cloud.close();
}

/** A room of the first and the others, who know of it. */
export async function roomOf(
  maker: Somebody,
  title: string,
  ...names: readonly string[]
): Promise<{ readonly id: string }> {
  const room = await maker.rooms.create({ title });
  for (const name of names)
    await maker.memberships.create({ roomId: room.id, personEmail: `${name}@example.com` });
  return room;
}
