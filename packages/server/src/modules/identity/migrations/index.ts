import type { Migrations } from '../../../kernel/store/index.js';
import { signIn } from './0003-sign-in.js';
import { signInElsewhere } from './0007-sign-in-elsewhere.js';
import { accounts } from './0012-accounts.js';
import { names } from './0014-names.js';

/** Of the tables in `schema.ts`. A migration that was released never changes, nor does its name. */
export const migrations: Migrations = {
  '0003-sign-in': signIn,
  '0007-sign-in-elsewhere': signInElsewhere,
  '0012-accounts': accounts,
  '0014-names': names,
};
