import { isMediaError } from '../../../../src/index.js';
import { canvasTrack, connectPair, framesIn, until, wait, type Pair, type PairOptions } from '../peers.js';

type Drop = 'none' | 'up' | 'down' | 'both' | 'third up';

const setRelay = async (
  drop: Drop,
  reset = false,
): Promise<{ readonly client: number; readonly service: number }> =>
  (await (await fetch(`/relay?drop=${drop}${reset ? '&reset' : ''}`)).json()) as {
    client: number;
    service: number;
  };

/** A pair whose packets go through the relay of the test (recipe P7). */
async function relayedPair(drop: Drop = 'none', options: PairOptions = {}): Promise<Pair> {
  const ports = await setRelay(drop, true);
  // one candidate per m-line: the relay. All other ways are taken out.
  const rewrite = (sdp: string, from: 'client' | 'service'): string => {
    const port = String(from === 'client' ? ports.service : ports.client);
    return sdp
      .replace(/^a=candidate.*\r?\n/gm, '')
      .replace(
        /^(a=ice-ufrag.*\r?\n)/gm,
        `a=candidate:1 1 udp 2113937151 127.0.0.1 ${port} typ host generation 0\r\n$1`,
      );
  };
  return connectPair({
    ...options,
    rewrite,
    client: { bundlePolicy: 'max-bundle', ...options.client },
    service: { bundlePolicy: 'max-bundle', ...options.service },
  });
}

interface Notified {
  readonly ms: number;
  readonly what: string;
}
/** Notes what the client says, with milliseconds since the last `mark`. */
function listen({ client }: Pair): { readonly notified: Notified[]; readonly mark: () => void } {
  let from = performance.now();
  const notified: Notified[] = [];
  const note = (what: string): void => {
    notified.push({ ms: Math.round(performance.now() - from), what });
  };
  client.on('state', ({ to, error }) => {
    note(`${to}${error ? ` ${error.code} ${error.phase}` : ''}`);
  });
  client.on('problem', ({ error, direction }) => {
    note(`problem ${direction ?? ''} ${error.code} ${error.phase}`);
  });
  client.on('recovered', ({ direction }) => {
    note(`recovered ${direction}`);
  });
  return {
    notified,
    mark: () => {
      from = performance.now();
    },
  };
}
const frames = ({ service }: Pair): Promise<number> => framesIn(service(), 'video', 500);

/** All UDP is blocked from the beginning (M-11). */
export async function findsNoWay(): Promise<object> {
  const pair = await relayedPair('both');
  const { notified } = listen(pair);
  await pair.client.setSource('video', canvasTrack());
  const error: unknown = await pair.client.connect().catch((reason: unknown) => reason);
  pair.close();
  return { notified: [...notified], code: isMediaError(error) ? `${error.code} ${error.phase}` : 'none' };
}

/** The path is cut for a while in the middle of a call, and comes back. */
export async function survivesACut({
  ms,
  drop,
  twice,
  graceMs,
}: {
  readonly ms: number;
  readonly drop: Drop;
  readonly twice?: boolean;
  readonly graceMs?: number;
}): Promise<object> {
  const pair = await relayedPair('none', {
    client: graceMs === undefined ? {} : { timeouts: { graceMs } },
  });
  await pair.client.setSource('video', canvasTrack());
  await pair.client.connect();
  await until('frames', async () => (await frames(pair)) > 0);
  const { notified, mark } = listen(pair);
  const first = pair.client.peerConnection;
  mark();
  await setRelay(drop);
  await wait(ms);
  await setRelay('none');
  if (twice === true) {
    await wait(2000);
    await setRelay(drop);
    await wait(ms);
    await setRelay('none');
  }
  const returned = performance.now();
  await until('connected', () => pair.client.state === 'connected', 40_000);
  await until('frames again', async () => (await frames(pair)) > 0, 20_000);
  const backMs = performance.now() - returned;
  await wait(1500);
  const result = {
    notified: [...notified],
    backMs: Math.round(backMs),
    state: pair.client.state,
    same: pair.client.peerConnection === first,
    firstState: first?.connectionState,
    problems: pair.client.problems.length,
    frames: await frames(pair),
  };
  pair.close();
  return result;
}

/** Packets get lost one way for long (M-11). */
export async function losesOneWay({ drop }: { readonly drop: Drop }): Promise<object> {
  const pair = await relayedPair('none', {
    prepare: (service) => {
      service.setSource('video', canvasTrack()).catch(() => undefined);
    },
  });
  await pair.client.setSource('video', canvasTrack());
  await pair.client.connect();
  await until('frames', async () => (await frames(pair)) > 0);
  const { notified, mark } = listen(pair);
  mark();
  await setRelay(drop);
  await until('notified', () => notified.some(({ what }) => what.startsWith('problem')), 15_000).catch(
    () => undefined,
  );
  await setRelay('none');
  pair.close();
  return { notified: [...notified] };
}

/** A third of what is sent gets lost for a while: the quality of the uplink is bad, and good again later. */
export async function tellsBadQuality(): Promise<object> {
  const pair = await relayedPair();
  await pair.client.setSource('video', canvasTrack());
  await pair.client.connect();
  const scores: string[] = [];
  const last = (): string | undefined => scores.at(-1);
  pair.client.on('networkQuality', ({ kind, score, reasons }) => {
    scores.push(`${kind} ${String(score)} ${reasons.join(' ')}`.trim());
  });
  await until('a first judgement', () => pair.client.networkQuality.video?.score === 1);
  await setRelay('third up');
  await until('bad', () => last() === 'video 0 loss', 20_000);
  await setRelay('none');
  await until('good', () => last() === 'video 1', 30_000);
  const result = { scores: [...scores], state: pair.client.state };
  pair.close();
  return result;
}
