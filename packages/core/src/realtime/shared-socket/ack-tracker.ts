/** Where a frame is acknowledged. */
interface Acknowledges {
  ack(id: string): void;
}
interface Receipt {
  readonly lines: Set<Acknowledges>;
  /** tabs whose listeners are not done with it */
  readonly waiting: Set<string>;
}

/** Acknowledges a frame to the service once every tab that listens is done with it. */
export interface AckTracker {
  /** A frame has come on `line` and goes out to these tabs. */
  readonly expect: (id: string, line: Acknowledges, tabs: ReadonlySet<string>) => void;
  /** One more tab gets it. */
  readonly alsoBy: (id: string, tab: string) => void;
  /** A tab is done with it. */
  readonly by: (id: string, tab: string) => void;
  /** A tab will not do anything any more. */
  readonly gone: (tab: string) => void;
  /** Nothing can be acknowledged there any more: what was not comes again elsewhere. */
  readonly ended: (line: Acknowledges) => void;
  /** A tab that was awaited listens now. */
  readonly arrived: (tab: string) => void;
  /**
   * Nothing is acknowledged before these tabs have arrived or gone; undefined while it is not known who they are.
   *
   * @returns whether none is awaited any more
   */
  readonly await: (tabs: readonly string[] | undefined) => boolean;
  readonly close: () => void;
}

export function createAckTracker(): AckTracker {
  const open = new Map<string, Receipt>();
  const early = new Set<string>(); // came or went before it was known who is awaited
  let unknown = false;
  let awaited = new Set<string>();

  const settle = (id: string, { lines, waiting }: Receipt): void => {
    if (waiting.size > 0 || awaited.size > 0 || unknown) return;
    open.delete(id);
    for (const line of lines) line.ack(id);
  };
  const settleAll = (): void => {
    for (const [id, receipt] of open) settle(id, receipt);
  };
  const noLongerAwaited = (tab: string): void => {
    if (unknown) early.add(tab);
    if (awaited.delete(tab) && awaited.size === 0) settleAll();
  };
  return {
    expect: (id, line, tabs) => {
      const receipt = open.get(id) ?? { lines: new Set(), waiting: new Set() };
      receipt.lines.add(line);
      for (const tab of tabs) receipt.waiting.add(tab);
      open.set(id, receipt);
      settle(id, receipt);
    },
    alsoBy: (id, tab) => {
      open.get(id)?.waiting.add(tab);
    },
    by: (id, tab) => {
      const receipt = open.get(id);
      if (receipt?.waiting.delete(tab) === true) settle(id, receipt);
    },
    gone: (tab) => {
      noLongerAwaited(tab);
      for (const [id, receipt] of open) if (receipt.waiting.delete(tab)) settle(id, receipt);
    },
    ended: (line) => {
      for (const [id, { lines }] of open) if (lines.delete(line) && lines.size === 0) open.delete(id);
    },
    arrived: noLongerAwaited,
    await: (tabs) => {
      unknown = tabs === undefined;
      awaited = new Set(tabs?.filter((tab) => !early.has(tab)));
      if (unknown) return false;
      if (awaited.size === 0) settleAll();
      return awaited.size === 0;
    },
    close: () => {
      open.clear();
      unknown = true;
    },
  };
}
