import type { Migrations } from '../../../kernel/store/index.js';
import { lyra } from './0009-lyra.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0009-lyra': lyra,
};
