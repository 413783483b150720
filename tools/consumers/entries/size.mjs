// the smallest program that holds a conversation: what `npm run bench -- size` weighs, and runs
import { createClient } from '@trunkline/core';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { hold } from './size-talk.mjs';

hold(createClient, () => [rooms(), messages(), memberships(), people()]);
