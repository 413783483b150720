import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What happens to datagrams of one direction. */
export interface Hop {
  /** share of media packets that is dropped, 0 to 1; STUN and DTLS pass */
  lossShare?: number;
  delayMs?: number;
  /** everything is dropped */
  cut?: boolean;
}

/** A UDP hop between a client and the media server, with faults. Loopback only. */
export interface Relay {
  readonly port: number;
  readonly up: Hop;
  readonly down: Hop;
  readonly dropped: { up: number; down: number };
  /** The answer with the relay's address instead of the server's. */
  readonly front: (answer: string) => string;
  /** As a NAT that gives the client another port. */
  rebind(): void;
  close(): void;
}

export async function startRelay(up: Hop = {}, down: Hop = {}): Promise<Relay> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const flows = new Map<string, Socket>();
  const dropped = { up: 0, down: 0 };
  let target = 0;
  const pass = (hop: Hop, datagram: Buffer, count: () => void, send: () => void): void => {
    const isMedia = (datagram[0] ?? 0) > 127;
    if (hop.cut === true || (isMedia && Math.random() < (hop.lossShare ?? 0))) {
      count();
      return;
    }
    const go = () => {
      try {
        send();
      } catch {
        // closed meanwhile
      }
    };
    if (hop.delayMs === undefined) go();
    else setTimeout(go, hop.delayMs);
  };
  const flowOf = (address: string, from: number): Socket => {
    const key = `${address} ${String(from)}`;
    const known = flows.get(key);
    if (known) return known;
    const flow = createSocket('udp4');
    flow.on('message', (datagram) => {
      pass(
        down,
        datagram,
        () => (dropped.down += 1),
        () => {
          // a browser may send from another address of this machine
          socket.send(datagram, from, address);
        },
      );
    });
    flows.set(key, flow);
    return flow;
  };
  socket.on('message', (datagram, { address, port: from }) => {
    pass(
      up,
      datagram,
      () => (dropped.up += 1),
      () => {
        flowOf(address, from).send(datagram, target, '127.0.0.1');
      },
    );
  });
  const closeFlows = () => {
    for (const flow of flows.values()) flow.close();
    flows.clear();
  };
  return {
    port,
    up,
    down,
    dropped,
    front: (answer) =>
      answer.replace(
        /(a=candidate:\S+ 1 udp \d+ \S+ )(\d+)( typ host)/g,
        (_, before: string, own: string, after: string) => {
          target = Number(own);
          return `${before}${String(port)}${after}`;
        },
      ),
    rebind: closeFlows,
    close: () => {
      socket.close();
      closeFlows();
    },
  };
}
