import type { BufferStateData, EventFrame } from '@trunkline/wire';
import type { Heard, Numbered } from './messages.js';

const KEPT = 1_000;

/** The latest frames, for tabs that come back. */
export class Replay {
  private readonly frames: Numbered[] = [];
  /** what the service itself lost, and after which frame */
  private readonly losses: { readonly n: number; readonly lost: number }[] = [];
  last = 0;

  constructor(
    private readonly epoch: string,
    /** the leader before, whose unacknowledged frames the service sends us */
    private readonly previous: string | undefined,
  ) {}

  add(frame: EventFrame): number {
    this.last += 1;
    this.frames.push({ n: this.last, frame });
    if (this.frames.length > KEPT) this.frames.shift();
    return this.last;
  }

  lost(lost: number): void {
    if (lost > 0) this.losses.push({ n: this.last, lost });
  }

  /**
   * What a tab receives first, and what follows.
   *
   * @param first      the service's own first frame, when the socket opens just now; its counts hold for every tab
   * @param redelivers whether the service sends again what was not acknowledged
   */
  welcome(
    heard: Heard | undefined,
    first: EventFrame | undefined,
    redelivers: boolean,
    id: string,
  ): { readonly first: EventFrame; readonly frames: readonly Numbered[] } {
    const data = first?.data as BufferStateData | undefined;
    const say = (counts: { readonly replayed?: number; readonly lost?: number }): EventFrame => {
      const none = { replayed: undefined, lost: undefined };
      const told = { bufferState: 'NEW', ...data, eventType: 'mercury.buffer_state', ...none, ...counts };
      return { ...first, id: first?.id ?? id, data: told };
    };
    const coming = data?.replayed ?? 0;
    if (heard === undefined)
      return { first: say(redelivers ? { replayed: coming, lost: data?.lost ?? 0 } : {}), frames: [] };
    const since =
      heard.epoch === this.epoch ? heard.last : heard.epoch === this.previous && heard.whole ? 0 : -1;
    // who was away while others acknowledged has to ask what it missed
    if (since < 0 || !redelivers) return { first: say({}), frames: this.frames.filter(({ n }) => n > since) };
    const frames = this.frames.filter(({ n }) => n > since);
    const gone = this.last - since - frames.length;
    const lost = this.losses.reduce((sum, loss) => (loss.n >= since ? sum + loss.lost : sum), gone);
    return { first: say({ replayed: coming + frames.length, lost }), frames };
  }
}
