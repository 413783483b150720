import type { Audience } from '../audience/api.js';

type Members = ReadonlyMap<string, readonly string[]>;
/** conversations whose members are remembered */
const most = 5000;

/**
 * Who is in a conversation at a position. Between two changes of membership the answer is the same for every position,
 * so it is remembered; around a change each position is asked for by itself.
 */
export class AudienceCache {
  readonly #members = new Map<string, Members>();
  readonly #changed = new Set<string>();
  readonly #settling = new Set<string>();

  constructor(private readonly audience: Pick<Audience, 'membersAt'>) {}

  /** In `afterCommit` of the change. */
  changed(conversationId: string): void {
    this.#members.delete(conversationId);
    this.#changed.add(conversationId);
  }

  /** Before events are read: the events of what changed until now are among those that follow. */
  beforeReading(): void {
    for (const conversationId of this.#changed) this.#settling.add(conversationId);
    this.#changed.clear();
  }

  /** Every event that was committed before the last reading has been handed on. */
  caughtUp(): void {
    this.#settling.clear();
  }

  /** For any position, however old; nothing is remembered. */
  membersAtOld(conversationId: string, pos: number): Promise<Members> {
    return this.audience.membersAt(conversationId, pos);
  }

  /** For the events that are handed on now, in their order. */
  async membersAt(conversationId: string, pos: number): Promise<Members> {
    const known = this.#members.get(conversationId);
    if (known !== undefined) return known;
    const members = await this.membersAtOld(conversationId, pos);
    if (!this.#settling.has(conversationId) && !this.#changed.has(conversationId)) {
      if (this.#members.size >= most) this.#members.clear();
      this.#members.set(conversationId, members);
    }
    return members;
  }
}
