import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { classes, isStunMessage, Message, parseMessage } from 'werift';
import { mediaError } from '../errors.js';
import type { TransportParameters } from '../sdp/offer.js';
import type { LocalParameters } from './types.js';

export interface MuxOptions {
  /** address to listen on */
  readonly host: string;
  /** first UDP port that is tried; 0 for any free one */
  readonly port: number;
  /** last UDP port that is tried; same as `port` for that one only */
  readonly lastPort: number;
  /** addresses that clients are given; the first is preferred */
  readonly announcedAddresses: readonly string[];
  /** ms, steady */
  readonly now: () => number;
}

/** One transport behind the shared port. */
export interface MuxedParameters {
  readonly local: TransportParameters;
  /** `a=candidate:…` lines for the client */
  readonly candidates: readonly string[];
  /** first announced address */
  readonly address: string;
  /** when the client's last datagram came; undefined before the first */
  lastHeardMs(): number | undefined;
}

interface Entry {
  readonly parameters: MuxedParameters;
  readonly ufrag: string;
  readonly key: Buffer;
  readonly socket: Socket;
  /** address:port of the client */
  from: string | undefined;
  port: number;
  address: string;
  heardMs: number | undefined;
}

const bufferBytes = 1 << 22;
const maxHostCandidates = 8;

/**
 * One UDP port for all transports, in front of their loopback sockets. A STUN request names its transport (USERNAME) and
 * proves it (MESSAGE-INTEGRITY, checked by werift): it moves the transport to the sender's address. So a client may change
 * its address, and only one port is open to the world. STUN without a user name is answered as a STUN server does.
 */
export class Mux {
  /** the port that was found */
  port = 0;
  /** datagrams of no known sender */
  ignored = 0;
  /** how often a client changed its address */
  moves = 0;
  readonly #options: MuxOptions;
  #socket: Socket | undefined;
  readonly #byUfrag = new Map<string, Entry>();
  readonly #byAddress = new Map<string, Entry>();

  constructor(options: MuxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byUfrag.size;
  }

  async listen(): Promise<void> {
    const { host, port: first, lastPort } = this.#options;
    for (let port = first; ; port += 1) {
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
      try {
        socket.bind(port, host);
        await once(socket, 'listening');
      } catch (cause) {
        socket.close();
        if (port >= lastPort)
          throw mediaError(
            'ERR_MEDIA_TRANSPORT',
            'setup',
            `udp: no port from ${String(first)} to ${String(lastPort)} of ${host} can be opened. Choose another range.`,
            { cause },
          );
        continue;
      }
      this.#socket = socket;
      this.port = socket.address().port;
      break;
    }
    for (const set of [
      () => this.#socket?.setRecvBufferSize(bufferBytes),
      () => this.#socket?.setSendBufferSize(bufferBytes),
    ])
      try {
        set();
      } catch {
        // the system allows less
      }
    this.#socket.on('message', (datagram, { address, port }) => {
      this.#receive(datagram, address, port);
    });
    // such as an unreachable client: each has its own timers for that
    this.#socket.on('error', () => undefined);
  }

  /** Puts a transport behind the port. */
  async add(local: LocalParameters): Promise<MuxedParameters> {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.connect(local.port, local.host);
    await once(socket, 'connect');
    const { host, announcedAddresses } = this.#options;
    const addresses = announcedAddresses.length > 0 ? announcedAddresses : [host];
    const entry: Entry = {
      ufrag: local.ufrag,
      key: Buffer.from(local.password),
      socket,
      from: undefined,
      port: 0,
      address: '',
      heardMs: undefined,
      parameters: {
        local,
        address: addresses[0] ?? host,
        candidates: addresses
          .slice(0, maxHostCandidates)
          .map(
            (address, index) =>
              `a=candidate:${String(index + 1)} 1 udp ${String(2_130_706_431 - index)} ${address} ${String(this.port)} typ host`,
          ),
        lastHeardMs: () => entry.heardMs,
      },
    };
    socket.on('message', (datagram) => {
      if (entry.from !== undefined) this.#socket?.send(datagram, entry.port, entry.address);
    });
    this.#byUfrag.set(local.ufrag, entry);
    return entry.parameters;
  }

  remove({ local }: MuxedParameters): void {
    const entry = this.#byUfrag.get(local.ufrag);
    if (!entry) return;
    this.#byUfrag.delete(local.ufrag);
    if (entry.from !== undefined) this.#byAddress.delete(entry.from);
    entry.socket.close();
  }

  async close(): Promise<void> {
    for (const { parameters } of [...this.#byUfrag.values()]) this.remove(parameters);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  #receive(datagram: Buffer, address: string, port: number): void {
    const from = `${address} ${String(port)}`;
    let entry = this.#byAddress.get(from);
    if ((datagram[0] ?? 255) < 4 && isStunMessage(datagram)) {
      const owner = this.#owner(datagram);
      if (owner && owner !== entry) {
        this.#move(owner, from, address, port);
        entry = owner;
      } else if (!owner && !entry && this.#reflect(datagram, address, port)) return;
    }
    if (!entry) {
      this.ignored += 1;
      return;
    }
    entry.heardMs = this.#options.now();
    entry.socket.send(datagram);
  }

  #move(entry: Entry, from: string, address: string, port: number): void {
    if (entry.from !== undefined) {
      this.#byAddress.delete(entry.from);
      this.moves += 1;
    }
    // an address that another transport used before
    const previous = this.#byAddress.get(from);
    if (previous) previous.from = undefined;
    entry.from = from;
    entry.address = address;
    entry.port = port;
    this.#byAddress.set(from, entry);
  }

  /** The transport that a binding request proves to belong to. */
  #owner(datagram: Buffer): Entry | undefined {
    const message = parseMessage(datagram);
    if (message?.messageClass !== classes.REQUEST) return undefined;
    const user: unknown = message.getAttributeValue('USERNAME');
    if (typeof user !== 'string') return undefined;
    const entry = this.#byUfrag.get(user.split(':', 1)[0] ?? '');
    // the password must have signed it: a user name alone can be guessed or seen
    return entry && parseMessage(datagram, entry.key) ? entry : undefined;
  }

  /** Answers a client with its own address: what a client asks a STUN server for. */
  #reflect(datagram: Buffer, address: string, port: number): boolean {
    const message = parseMessage(datagram);
    if (message?.messageClass !== classes.REQUEST || message.getAttributeValue('USERNAME') !== undefined)
      return false;
    const reply = new Message(message.messageMethod, classes.RESPONSE, message.transactionId);
    reply.setAttribute('XOR-MAPPED-ADDRESS', [address, port]);
    reply.addFingerprint();
    this.#socket?.send(reply.bytes, port, address);
    return true;
  }
}
