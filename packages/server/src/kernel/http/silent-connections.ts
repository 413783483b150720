import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections on which no one has asked anything yet, such as those that browsers open in advance. Node counts them as
 * busy when a server closes, and would wait for them.
 *
 * @param event `secureConnection` for a server with TLS
 */
export function silentConnections(
  server: Pick<Server, 'on'>,
  event: 'connection' | 'secureConnection' = 'connection',
): { end(): void } {
  const silent = new Set<Socket>();
  let ending = false;
  server.on(event, (socket: Socket) => {
    if (ending) socket.destroy();
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  for (const spoken of ['request', 'upgrade'] as const)
    server.on(spoken, (request: { readonly socket: Socket }) => silent.delete(request.socket));
  return {
    end: () => {
      ending = true;
      for (const socket of silent) socket.destroy();
    },
  };
}
