import { createClient, isSdkError, type Client } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages, type Message } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import '@trunkline/attachment-actions/register';
import '@trunkline/devices/register';
import '@trunkline/encryption/register';
import '@trunkline/memberships/register';
import '@trunkline/messages/register';
import '@trunkline/people/register';
import '@trunkline/presence/register';
import '@trunkline/rooms/register';
import '@trunkline/support/register';
import '@trunkline/teams/register';
import '@trunkline/webhooks/register';

// given
const given = createClient({
  token: 't',
  plugins: [rooms(), messages(), memberships(), people(), e2ee()],
});
export const title: Promise<string | undefined> = given.rooms.get('id').then((room) => room.title);
export const off: () => void = given.messages.on('created', (message: Message) => message.text);
export const state: string = given.socket.state;

// registered
const registered = createClient({ token: 't' });
export const sent: Promise<Message> = registered.messages.create({ roomId: 'id', text: 'hello' });
void registered.rooms.list({ max: 1 });
void registered.memberships.list({ roomId: 'id' });
void registered.people.get('me');
void registered.conversation;
void registered.teams.create({ name: 'One' });
void registered.teamMemberships.list({ teamId: 'id' });
void registered.webhooks.list();
void registered.attachmentActions.get('id');
void registered.presence.get('id');
void registered.devices.getAll();
void registered.support;
void registered.encryption.getKey('kms://host/keys/id');

// @ts-expect-error not given to this client
createClient({ token: 't', plugins: [] }).rooms;
// @ts-expect-error no one registered it
registered.polls;
// @ts-expect-error there is no such event
registered.messages.on('shouted', () => undefined);

export const code = (error: unknown): string => (isSdkError(error) ? error.code : '');
export type { Client };
