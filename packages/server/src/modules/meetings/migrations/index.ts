import type { Migrations } from '../../../kernel/store/index.js';
import { meetings } from './0016-meetings.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0016-meetings': meetings,
};
