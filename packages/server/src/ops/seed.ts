import { readFileSync } from 'node:fs';
import { demoPeople } from './demo-people.js';
import { type Config, ConfigError, isLoopback } from '../kernel/config.js';
import { type Identity, type NewUser, roles } from '../modules/identity/api.js';

const isUser = (value: unknown): value is NewUser =>
  typeof value === 'object' &&
  value !== null &&
  'email' in value &&
  typeof value.email === 'string' &&
  value.email.includes('@') &&
  'displayName' in value &&
  typeof value.displayName === 'string' &&
  (!('password' in value) || typeof value.password === 'string') &&
  (!('roles' in value) ||
    (Array.isArray(value.roles) &&
      value.roles.every((role) => (roles as readonly unknown[]).includes(role))));

function readSeed(file: string): readonly NewUser[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`seed: ${file} cannot be read as JSON`, { cause });
  }
  const users =
    typeof content === 'object' && content !== null && 'users' in content ? content.users : undefined;
  if (!Array.isArray(users) || !users.every(isUser))
    throw new ConfigError(
      `seed: ${file} must hold {"users": [{"email", "displayName", "password"?, "roles"?}]}`,
    );
  return users;
}

/** Creates the people of the seed; at a later start only those that are missing. */
export async function seed(config: Config, identity: Identity): Promise<void> {
  if (config.seed === 'none') return;
  const users =
    config.seed === 'demo'
      ? // a well-known password is for loopback only
        demoPeople.map((user) => (isLoopback(config.host) ? { ...user, password: 'demo' } : user))
      : readSeed(config.seed);
  for (const user of users)
    if ((await identity.userByEmail(user.email)) === undefined) await identity.users.create(user);
}
