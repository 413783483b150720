import type { Migrations } from '../../../kernel/store/index.js';
import { locus } from './0015-locus.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0015-locus': locus,
};
