import type { User } from './api.js';

/** People by id, as the database has them now. */
export interface UserCache {
  get(id: string): Promise<User | undefined>;
  all(ids: readonly string[]): Promise<ReadonlyMap<string, User>>;
  /** Call it after the COMMIT of each write that changes this user. */
  forget(id: string): void;
}

/**
 * Keeps the users that were read last, since lists of large rooms show the same ones again and again.
 *
 * @param read reads committed rows; ids without a row are left out
 * @param most users kept, in two generations: when the newer one is full, the older one is dropped
 */
export function createUserCache(
  read: (ids: readonly string[]) => Promise<readonly User[]>,
  most = 50_000,
): UserCache {
  let newer = new Map<string, User>();
  let older = new Map<string, User>();
  let changes = 0;

  function keep(user: User): void {
    if (newer.size >= most / 2) {
      older = newer;
      newer = new Map<string, User>();
    }
    newer.set(user.id, user);
  }
  function known(id: string): User | undefined {
    const recent = newer.get(id);
    if (recent !== undefined) return recent;
    const user = older.get(id);
    if (user !== undefined) keep(user);
    return user;
  }
  async function readAndKeep(ids: readonly string[]): Promise<readonly User[]> {
    const before = changes;
    const users = await read(ids);
    // a user changed during the read: these rows may be the ones from before
    if (changes === before) for (const user of users) keep(user);
    return users;
  }

  return {
    get: async (id) => known(id) ?? (await readAndKeep([id]))[0],
    all: async (ids) => {
      const found = new Map<string, User>();
      const unknown: string[] = [];
      for (const id of ids) {
        const user = known(id);
        if (user === undefined) unknown.push(id);
        else found.set(id, user);
      }
      if (unknown.length > 0) for (const user of await readAndKeep(unknown)) found.set(user.id, user);
      return found;
    },
    forget: (id) => {
      changes += 1;
      newer.delete(id);
      older.delete(id);
    },
  };
}
