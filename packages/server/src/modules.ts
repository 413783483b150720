import { rest } from './api/index.js';
import type { Module } from './kernel/module.js';
import { firstMigrations, sortMigrations } from './kernel/store/index.js';
import { audience } from './modules/audience/index.js';
import { catalog } from './modules/catalog/index.js';
import { conversation } from './modules/conversation/index.js';
import { devices } from './modules/devices/index.js';
import { features } from './modules/features/index.js';
import { files } from './modules/files/index.js';
import { identity } from './modules/identity/index.js';
import { kms } from './modules/kms/index.js';
import { locus } from './modules/locus/index.js';
import { lyra } from './modules/lyra/index.js';
import { media } from './modules/media/index.js';
import { meetings } from './modules/meetings/index.js';
import { mercury } from './modules/mercury/index.js';
import { onboarding } from './modules/onboarding/index.js';
import { presence } from './modules/presence/index.js';
import { webhooks } from './modules/webhooks/index.js';
import { admin } from './ops/admin/index.js';
import { support } from './ops/support/index.js';
import { telemetry } from './ops/telemetry/index.js';

/** What the service is made of. Each module is set up after those it needs. */
export const modules: readonly Module[] = [
  audience,
  identity,
  mercury,
  kms,
  files,
  conversation,
  onboarding,
  catalog,
  features,
  devices,
  presence,
  lyra,
  media,
  meetings,
  locus,
  support,
  rest,
  webhooks,
  telemetry,
  admin,
];

/** The tables of all modules, in the order in which they came. */
export const migrations = sortMigrations([firstMigrations, ...modules.map((module) => module.migrations)]);
