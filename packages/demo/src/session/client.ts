import { attachmentActions } from '@trunkline/attachment-actions';
import { createClient, type Client, type TokenFunction } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { presence } from '@trunkline/presence';
import { rooms } from '@trunkline/rooms';
import { watchRequests, type SeenRequest } from './watch-requests.js';

const plugins = (onRequest: (seen: SeenRequest) => void) =>
  [
    rooms(),
    messages(),
    memberships(),
    people(),
    e2ee(),
    presence(),
    attachmentActions(),
    watchRequests({ onRequest }),
  ] as const;

/** Everything this app can do with the service. */
export type DemoClient = Client<ReturnType<typeof plugins>>;

export const makeClient = (
  service: string,
  token: string | TokenFunction,
  onRequest: (seen: SeenRequest) => void,
): DemoClient =>
  createClient({
    service,
    token,
    plugins: plugins(onRequest),
    // a closed tab leaves no device behind for ever
    config: { userAgent: 'trunkline-demo/0.1', device: { name: 'trunkline-demo', ttlS: 900 } },
  });
