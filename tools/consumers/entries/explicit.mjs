// core and the four plugins over REST, nothing registered by import: Ben's client is made explicitly too
import { createClient } from '@trunkline/core';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { run } from './environment.mjs';
import { talk } from './talk.mjs';

const plugins = [rooms(), messages(), memberships(), people()];
run((cast) => talk((options) => createClient({ ...options, plugins }), plugins, cast));
