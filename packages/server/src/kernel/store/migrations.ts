import type { Migration } from 'kysely';
import { messaging } from './migrations/0001-messaging.js';

/** Migrations by name: four digits, a dash, what it is about. */
export type Migrations = Readonly<Record<string, Migration>>;

/** The tables of the first version, from before modules had migrations of their own. */
export const firstMigrations: Migrations = { '0001-messaging': messaging };

const nameForm = /^(\d{4})-[a-z]+(?:-[a-z]+)*$/;

/**
 * The migrations of all modules in the order in which they run.
 *
 * @throws Error for a name without a number, a number that is used twice, and a number that is left out
 */
export function sortMigrations(lists: readonly Migrations[]): Migrations {
  const all = lists.flatMap((list) => Object.entries(list)).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [at, [name]] of all.entries()) {
    const number = nameForm.exec(name)?.[1];
    if (number === undefined) throw new Error(`migrations: ${name} is not a name such as 0012-accounts`);
    const expected = String(at + 1).padStart(4, '0');
    if (number !== expected)
      throw new Error(
        `migrations: expected ${expected} next, found ${name}: a number is missing or used twice`,
      );
  }
  return Object.fromEntries(all);
}

/** The newest version of a data folder that these migrations make. */
export const newestOf = (migrations: Migrations): string => Object.keys(migrations).sort().at(-1) ?? '';
