/** bytes that may wait for slow readers: on all sockets of one user, and on all sockets */
const mostPerUser = 16 * 1024 * 1024;
const mostOfAll = 256 * 1024 * 1024;

interface Reader {
  isOpen(): boolean;
  bufferedBytes(): number;
}
interface Noted {
  readonly userId: string;
  bytes: number;
}

/** What waits in this process for readers that are slow, over all sockets of a user and over all users. */
export class Backlogs<R extends Reader> {
  readonly #noted = new Map<R, Noted>();
  readonly #perUser = new Map<string, number>();
  #all = 0;

  constructor(private readonly most = { perUser: mostPerUser, all: mostOfAll }) {}

  /** @returns the socket to close, when too much waits: the one with the longest backlog among those that count */
  note(reader: R, userId: string, bytes: number): R | undefined {
    const noted = this.#noted.get(reader);
    if (bytes === 0 && noted === undefined) return undefined;
    this.#set(reader, noted ?? { userId, bytes: 0 }, bytes);
    if (!this.#isOver(userId)) return undefined;
    // the amounts of the others are as old as the last frame sent to them
    for (const [other, entry] of this.#noted) this.#set(other, entry, other.bufferedBytes());
    if (!this.#isOver(userId)) return undefined;
    const ofUser = (this.#perUser.get(userId) ?? 0) > this.most.perUser;
    let slowest: R | undefined;
    let longest = 0;
    for (const [other, entry] of this.#noted)
      if (entry.bytes > longest && other.isOpen() && (!ofUser || entry.userId === userId))
        [slowest, longest] = [other, entry.bytes];
    return slowest;
  }

  remove(reader: R): void {
    const noted = this.#noted.get(reader);
    if (noted !== undefined) this.#set(reader, noted, 0);
  }

  #isOver(userId: string): boolean {
    return (this.#perUser.get(userId) ?? 0) > this.most.perUser || this.#all > this.most.all;
  }

  #set(reader: R, noted: Noted, bytes: number): void {
    const change = bytes - noted.bytes;
    noted.bytes = bytes;
    this.#all += change;
    const ofUser = (this.#perUser.get(noted.userId) ?? 0) + change;
    if (ofUser > 0) this.#perUser.set(noted.userId, ofUser);
    else this.#perUser.delete(noted.userId);
    if (bytes > 0) this.#noted.set(reader, noted);
    else this.#noted.delete(reader);
  }
}
