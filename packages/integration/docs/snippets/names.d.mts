// what the prelude supplies, for the compiler
import type { Client } from '@trunkline/core';
import type { e2ee } from '@trunkline/encryption';
import type { memberships } from '@trunkline/memberships';
import type { messages } from '@trunkline/messages';
import type { people } from '@trunkline/people';
import type { rooms } from '@trunkline/rooms';

declare global {
  const service: string;
  const adminToken: string;
  const token: string;
  const benToken: string;
  const roomId: string;
  const benId: string;
  const caraId: string;
  const client: Client<
    readonly [
      ReturnType<typeof rooms>,
      ReturnType<typeof messages>,
      ReturnType<typeof memberships>,
      ReturnType<typeof people>,
      ReturnType<typeof e2ee>,
    ]
  >;
}
