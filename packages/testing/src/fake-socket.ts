import type { SocketConstructor, SocketLike } from '@trunkline/core';

/** A WebSocket with the test at its other end. Nothing happens by itself. */
export class FakeSocket implements SocketLike {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  /** texts the client sent, in order */
  readonly sent: string[] = [];
  /** how the client closed it, once it has */
  closedWith: { readonly code: number | undefined; readonly reason: string | undefined } | undefined;
  /** 0 connecting, 1 open, 2 closing, 3 closed, as in browsers */
  readyState: 0 | 1 | 2 | 3 = 0;

  constructor(readonly url: string) {}

  /** What the client sent, parsed. */
  get frames(): readonly unknown[] {
    return this.sent.map((text): unknown => JSON.parse(text));
  }
  send(text: string): void {
    if (this.readyState === 0) throw new Error('FakeSocket: send before open');
    if (this.readyState === 1) this.sent.push(text);
  }
  /** By the client: `onclose` comes when the test calls {@link end}. */
  close(code?: number, reason?: string): void {
    if (this.readyState >= 2) return;
    this.closedWith = { code, reason };
    this.readyState = 2;
  }
  /** By the test: the connection stands. */
  open(): void {
    this.readyState = 1;
    this.onopen?.({ type: 'open' } as never);
  }
  /** By the test: a frame arrives; anything but a string travels as JSON. */
  receive(frame: unknown): void {
    if (this.readyState === 3) return;
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame);
    this.onmessage?.({ type: 'message', data } as never);
  }
  /** By the test: something is wrong; browsers say no more than this. */
  fail(): void {
    this.onerror?.({ type: 'error' } as never);
    this.end(1006);
  }
  /** By the test: the connection has ended. Without a code: with the client's own, else 1006. */
  end(code: number = this.closedWith?.code ?? 1006, reason: string = this.closedWith?.reason ?? ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ type: 'close', code, reason, wasClean: code !== 1006 } as never);
  }
}

/** A WebSocket constructor, and the sockets made with it. */
export interface FakeSockets {
  readonly WebSocket: SocketConstructor;
  readonly all: readonly FakeSocket[];
  /** The one made last. @throws when there is none */
  readonly last: FakeSocket;
}

/**
 * Creates a WebSocket class whose sockets the test controls.
 *
 * @example
 * const sockets = fakeSockets();
 * const client = createClient({ token, service, WebSocket: sockets.WebSocket });
 * sockets.last.open();
 */
export function fakeSockets(): FakeSockets {
  const all: FakeSocket[] = [];
  return {
    WebSocket: class extends FakeSocket {
      constructor(url: string) {
        super(url);
        all.push(this);
      }
    },
    all,
    get last() {
      const socket = all.at(-1);
      if (socket === undefined) throw new Error('fakeSockets: no socket has been made yet');
      return socket;
    },
  };
}
