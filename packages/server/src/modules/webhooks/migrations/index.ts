import type { Migrations } from '../../../kernel/store/index.js';
import { webhooks } from './0005-webhooks.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0005-webhooks': webhooks,
};
