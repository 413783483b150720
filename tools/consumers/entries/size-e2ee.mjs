// size.mjs with end-to-end encryption
import { createClient } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { hold } from './size-talk.mjs';

hold(createClient, () => [rooms(), messages(), memberships(), people(), e2ee()]);
