import type { Migrations } from '../../../kernel/store/index.js';
import { features } from './0002-features.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0002-features': features,
};
