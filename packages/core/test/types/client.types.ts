// Compiled, never run.
import type { Client } from '../../src/kernel/client.js';
import { createClientFor } from '../../src/kernel/create-client.js';
import type { FilePeer, MessagePeer } from '@trunkline/wire';
import { definePlugin, type NotCalled, type Plugin } from '../../src/kernel/plugin.js';
import type { Host } from '../../src/kernel/host.js';

const createClient = createClientFor({ name: 'web', WebSocket: () => undefined });
const token = 'A_B_C';

const polls = definePlugin({
  name: 'polls',
  setup: (_host, options?: { max?: number }) => ({ max: options?.max ?? 1 }),
});
const partial = definePlugin({ name: 'partial', setup: (_host, options: { size?: number }) => options.size });
const strict = definePlugin({ name: 'strict', setup: (_host, options: { size: number }) => options.size });
const bare = definePlugin({ name: 'bare', needs: ['polls'], setup: (host: Host) => host.log });
const pair = (): readonly [Plugin<'left', { l: 1 }>, Plugin<'right', { r: 2 }>] => [
  definePlugin({ name: 'left', setup: () => ({ l: 1 as const }) })(),
  definePlugin({ name: 'right', setup: () => ({ r: 2 as const }) })(),
];

// options rules
polls();
polls({ max: 2 });
partial();
partial({ size: 1 });
strict({ size: 1 });
bare();
// @ts-expect-error options are needed
strict();
// @ts-expect-error size is a number
strict({ size: '1' });
// @ts-expect-error no such option
polls({ min: 2 });

// in the type exactly when it was given
const client = createClient({ token, plugins: [polls({ max: 2 }), bare(), pair()] });
client.polls.max satisfies number;
client.left.l satisfies 1;
client.right.r satisfies 2;
client.bare.info({}, 'x');
// @ts-expect-error no one gave it
client.rooms;
// @ts-expect-error what a plugin made stays
client.polls = { max: 1 };
// a factory that was not called is refused by a sentence that names it (H24)
// @ts-expect-error call the plugin: polls()
createClient({ token, plugins: [polls] });
// @ts-expect-error call the plugin: strict({ … })
createClient({ token, plugins: [polls(), strict] });
export const forgotten: NotCalled<readonly [typeof polls, ReturnType<typeof bare>, typeof strict]> = [
  'Call the plugin: write polls(), not polls',
  bare(),
  'Call the plugin: write strict(), not strict',
];
// @ts-expect-error not a plugin at all
createClient({ token, plugins: [42] });

// peers are typed by the plugins that declare them (H12)
declare module '@trunkline/wire' {
  interface Peers {
    readonly polls: { readonly max: number };
  }
}
definePlugin({
  name: 'votes',
  setup: (host: Host) => {
    host.peer('polls') satisfies { readonly max: number } | undefined;
    host.peer('conversation')?.messages satisfies MessagePeer | undefined;
    host.peer('encryption') satisfies FilePeer | undefined;
    // @ts-expect-error it may not be on this client
    host.peer('polls').max;
    // @ts-expect-error no plugin declares this name
    host.peer('unknown');
  },
});

// later
const wider = client.use(strict({ size: 1 }));
wider.strict satisfies number;
wider.polls.max satisfies number;
wider.use(pair()).left.l satisfies 1;
// @ts-expect-error the narrower one does not know of it
client.strict;

// none at all
const plain: Client = createClient({ token });
// @ts-expect-error nothing was given
plain.polls;
// @ts-expect-error a token is needed
createClient({ plugins: [] });
plain.on('rateLimited', ({ route, retryAfterMs }) => [route satisfies string, retryAfterMs satisfies number]);
plain.on('maintenance', ({ url, reason }) => [url satisfies string, reason satisfies string | undefined]);
plain.onAny(({ source, type, event }) => [
  source satisfies string,
  type satisfies string,
  event satisfies unknown,
]);
void plain.request({
  url: 'http://x',
  onProgress: ({ sentBytes, totalBytes }) => [
    sentBytes satisfies number,
    totalBytes satisfies number | undefined,
  ],
});
// @ts-expect-error no such event
plain.on('nothing', () => undefined);
plain.socket.on('state', ({ to }) => to satisfies 'idle' | 'connecting' | 'open' | 'waiting' | 'closed');
void plain
  .request<{ id: string }>({ service: 'hydra', path: 'x' })
  .then(({ body }) => body.id satisfies string);
// @ts-expect-error no such method
void plain.request({ method: 'TRACE', url: 'http://x' });
