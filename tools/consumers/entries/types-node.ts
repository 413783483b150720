// what a test of someone's app would import
import { createClient } from '@trunkline/core';
import { rooms } from '@trunkline/rooms';
import { startCloud } from '@trunkline/testing';
import { fakeHost } from '@trunkline/testing/fakes';

export async function test(): Promise<string | undefined> {
  const cloud = await startCloud();
  const client = await cloud.client('ana', [rooms()]);
  const { title } = await client.rooms.create({ title: 'Launch' });
  await cloud.close();
  return title;
}
export const host = fakeHost({});
export { createClient };
