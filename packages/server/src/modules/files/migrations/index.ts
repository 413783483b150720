import type { Migrations } from '../../../kernel/store/index.js';
import { ownFiles } from './0011-own-files.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0011-own-files': ownFiles,
};
