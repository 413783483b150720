import { unexpected } from '@trunkline/core/kit';

/** Names that are not typed fall back to `any`: apps that move here read the events of plugins of their own. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown` would refuse the listeners that such apps have
export type Listener = (...args: any[]) => unknown;
interface Entry {
  readonly listener: Listener;
  /** as it was given, where `listener` wraps it */
  readonly given: Listener;
  readonly context: unknown;
}
interface Followed {
  readonly other: Emits;
  readonly event: string;
  readonly listener: Listener;
}
// symbols: plugins may use any name for their own
const listeners = Symbol('listeners');
const followed = Symbol('followed');

/** Whatever can be listened to in the official way. */
export interface Emits {
  /** Adds a listener. */
  on(event: string, listener: Listener, context?: unknown): unknown;
  /** Removes listeners. */
  off(event?: string, listener?: Listener, context?: unknown): unknown;
}

/**
 * The official objects' way of events: `on`, `once`, `off`, `trigger`, `listenTo` and their other names. What differs:
 * a listener that throws is reported (`listenerFailed`), and the next still runs.
 */
export class Events implements Emits {
  /** The name of the event of a sign-in by QR code, as `Events.qRCodeLogin` of the authorization plugin. */
  static readonly qRCodeLogin = 'qRCodeLogin';
  declare private readonly [listeners]: Map<string, readonly Entry[]>;
  declare private readonly [followed]: Followed[];

  constructor() {
    // not enumerable: objects of users are shown, compared and made JSON
    Object.defineProperty(this, listeners, { value: new Map() });
    Object.defineProperty(this, followed, { value: [] });
  }

  /** Several events in one text, separated by spaces; `all` receives every event, its name first. */
  on(events: string, listener: Listener, context: unknown = this): this {
    check('on', events, listener);
    add(this[listeners], events, { listener, given: listener, context });
    this.listenersChanged();
    return this;
  }
  once(events: string, listener: Listener, context: unknown = this): this {
    check('once', events, listener);
    for (const event of names(events)) {
      const own = (...args: never[]): unknown => {
        this.off(event, own);
        return listener.apply(context, args);
      };
      add(this[listeners], event, { listener: own, given: listener, context });
    }
    this.listenersChanged();
    return this;
  }
  /** Everything; all of one event; or one listener of it. */
  off(events?: string | null, listener?: Listener | null, context?: unknown): this {
    for (const event of events ? names(events) : [...this[listeners].keys()]) {
      const left = (this[listeners].get(event) ?? []).filter(
        (entry) =>
          (listener && entry.given !== listener && entry.listener !== listener) ||
          (context !== undefined && entry.context !== context),
      );
      if (left.length === 0) this[listeners].delete(event);
      else this[listeners].set(event, left);
    }
    this.listenersChanged();
    return this;
  }
  trigger(events: string, ...args: readonly unknown[]): this {
    const failed =
      (event: string): ((error: unknown) => void) =>
      (error) => {
        this.listenerFailed(error, event);
      };
    for (const event of names(events)) {
      for (const entry of this[listeners].get(event) ?? []) call(entry, args, failed(event));
      if (event !== 'all')
        for (const entry of this[listeners].get('all') ?? []) call(entry, [event, ...args], failed(event));
    }
    return this;
  }
  /** `other.on`, undone by `stopListening`. */
  listenTo(other: Emits, events: string, listener: Listener): this {
    for (const event of names(events)) {
      this[followed].push({ other, event, listener });
      other.on(event, listener, this);
    }
    return this;
  }
  listenToOnce(other: Emits, events: string, listener: Listener): this {
    for (const event of names(events)) {
      const own = (...args: never[]): unknown => {
        this.stopListening(other, event, own);
        return listener.apply(this, args);
      };
      this.listenTo(other, event, own);
    }
    return this;
  }
  /** As `listenTo`, and calls it at once. */
  listenToAndRun(other: Emits, events: string, listener: () => unknown): this {
    this.listenTo(other, events, listener);
    listener.call(this);
    return this;
  }
  stopListening(other?: Emits, event?: string, listener?: Listener): this {
    for (const each of [...this[followed]]) {
      if (other !== undefined && each.other !== other) continue;
      if (event !== undefined && each.event !== event) continue;
      if (listener !== undefined && each.listener !== listener) continue;
      this[followed].splice(this[followed].indexOf(each), 1);
      each.other.off(each.event, each.listener, this);
    }
    return this;
  }
  bind(events: string, listener: Listener, context?: unknown): this {
    return this.on(events, listener, context);
  }
  unbind(events?: string, listener?: Listener, context?: unknown): this {
    return this.off(events, listener, context);
  }
  emit(events: string, ...args: readonly unknown[]): this {
    return this.trigger(events, ...args);
  }
  removeListener(events: string, listener: Listener): this {
    return this.off(events, listener);
  }
  removeAllListeners(events?: string): this {
    return this.off(events);
  }
  /** Resolves with what the next such event carries, as a list. */
  when(event: string): Promise<readonly unknown[]> {
    return new Promise((resolve) => {
      this.once(event, (...args: readonly unknown[]) => {
        resolve(args);
      });
    });
  }

  protected heardEvents(): readonly string[] {
    return [...this[listeners].keys()];
  }
  /** For a source that is attached only while there are listeners. */
  protected listenersChanged(): void {
    // nothing here
  }
  /** A listener threw, or its promise was rejected. */
  protected listenerFailed(error: unknown, event: string): void {
    console.error(`a listener of ${event}`, error);
  }
}

function check(method: string, events: unknown, listener: unknown): void {
  if (typeof events !== 'string') throw unexpected(`${method}: events`, 'a string', events);
  if (typeof listener !== 'function') throw unexpected(`${method}: listener`, 'a function', listener);
}
const names = (events: string): readonly string[] => events.split(/\s+/).filter(Boolean);
const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

function add(all: Map<string, readonly Entry[]>, events: string, entry: Entry): void {
  // replaced, never changed: a listener may come or go during a call
  for (const event of names(events)) all.set(event, [...(all.get(event) ?? []), entry]);
}
function call(
  { listener, context }: Entry,
  args: readonly unknown[],
  failed: (error: unknown) => void,
): void {
  try {
    const result = listener.apply(context, args as never[]);
    if (isPromise(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
