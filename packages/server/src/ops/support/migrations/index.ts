import type { Migrations } from '../../../kernel/store/index.js';
import { support } from './0010-support.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0010-support': support,
};
