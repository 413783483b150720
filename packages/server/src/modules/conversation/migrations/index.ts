import type { Migrations } from '../../../kernel/store/index.js';
import { teams } from './0004-teams.js';
import { conversation } from './0006-conversation.js';
import { history } from './0013-history.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0004-teams': teams,
  '0006-conversation': conversation,
  '0013-history': history,
};
