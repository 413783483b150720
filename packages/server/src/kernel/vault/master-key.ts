import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type Config, ConfigError } from '../config.js';
import { createVault } from './vault.js';

const size = 32;

/** Where the store keeps which master key it needs. */
export const masterKeyName = 'master_key_id';

/** The master key that a database was made with, as far as the database says; `undefined` for a new database. */
export interface NeededKey {
  /** undefined in databases of the first versions */
  readonly id: string | undefined;
}

/** A name for a master key, which reveals nothing of it. */
export const masterKeyId = (key: Uint8Array): string =>
  createVault(key).signer('master-key-id').sign('id').slice(0, 16);

const create = (file: string): string => `Create one with: openssl rand -base64 ${String(size)} > ${file}`;
const named = ({ id }: NeededKey): string => (id === undefined ? '' : ` (its id is ${id})`);
const ways = 'as --master-key FILE, or base64 in TRUNKLINE_MASTER_KEY';

function checked(bytes: Buffer, source: string, needed: NeededKey | undefined): Buffer {
  if (bytes.length !== size)
    throw new ConfigError(
      `master-key: ${source} has ${String(bytes.length)} bytes, expected ${String(size)}, raw or base64`,
    );
  const id = masterKeyId(bytes);
  if (needed?.id !== undefined && needed.id !== id)
    throw new ConfigError(
      `master-key: the key in ${source} has the id ${id}, but this database needs the key with the id ${needed.id}. Pass that one, ${ways}`,
    );
  return bytes;
}

function read(file: string, needed: NeededKey | undefined): Buffer {
  try {
    return parse(readFileSync(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new ConfigError(
        needed === undefined
          ? `master-key: ${file} does not exist. ${create(file)}`
          : `master-key: ${file} does not exist, and this database needs the key that it was made with${named(needed)}. Put that key there`,
        { cause },
      );
    throw new ConfigError(`master-key: ${file} cannot be read`, { cause });
  }
}

// raw bytes, or base64 with white space around it
const parse = (file: Buffer): Buffer =>
  file.length === size ? file : Buffer.from(file.toString('latin1').trim(), 'base64');

/**
 * The key that wraps all others: from the configuration, else from its file, else from `DIR/master.key`, which is created
 * for a new database only. With data in memory and nothing configured it lives as long as the process.
 *
 * @param needed what the database says of its key; undefined when it is new
 * @throws ConfigError when the key is missing, has the wrong length or is not the one the database needs
 */
export function loadMasterKey(config: Config, needed: NeededKey | undefined): Buffer {
  if (config.masterKey !== undefined)
    return checked(Buffer.from(config.masterKey, 'base64'), 'TRUNKLINE_MASTER_KEY', needed);
  if (config.masterKeyFile !== undefined)
    return checked(read(config.masterKeyFile, needed), config.masterKeyFile, needed);
  if (config.data === 'memory') return randomBytes(size);
  const file = path.join(config.data, 'master.key');
  if (existsSync(file)) return checked(read(file, needed), file, needed);
  // a fresh key could open nothing that is here, and would be taken for the right one later
  if (needed !== undefined)
    throw new ConfigError(
      `master-key: ${file} does not exist, and this database needs the key that it was made with${named(needed)}. Put that key there, or pass it ${ways}`,
    );
  const key = randomBytes(size);
  // `wx`: never over a key that another process created meanwhile; synced, because everything else depends on it
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, `${key.toString('base64')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return key;
}
