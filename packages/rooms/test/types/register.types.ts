// compiled, never run
import type { CreateClient } from '@trunkline/core';
import type { Rooms } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

export const registered: Rooms = createClient({ token: 't' }).rooms;
// @ts-expect-error plugins were given, rooms was not among them
createClient({ token: 't', plugins: [] }).rooms;
// @ts-expect-error no one registered it
createClient({ token: 't' }).polls;
// @ts-expect-error no such method
createClient({ token: 't' }).rooms.nothing();
