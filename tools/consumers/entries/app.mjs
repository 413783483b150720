// ES modules, both ways to hand plugins over
import { createClient } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import '@trunkline/attachment-actions/register';
import '@trunkline/devices/register';
import '@trunkline/encryption/register';
import '@trunkline/memberships/register';
import '@trunkline/messages/register';
import '@trunkline/people/register';
import '@trunkline/rooms/register';
import '@trunkline/support/register';
import '@trunkline/teams/register';
import '@trunkline/webhooks/register';
import { run } from './environment.mjs';
import { talk } from './talk.mjs';

run((cast) => talk(createClient, [rooms(), messages(), memberships(), people(), e2ee()], cast));
