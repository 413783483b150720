import type { Migrations } from '../../../kernel/store/index.js';
import { presence } from './0008-presence.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0008-presence': presence,
};
