import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config.js';

const size = 32;

/** Where the store keeps which master key it needs. */
export const masterKeyName = 'master_key_id';

function checked(bytes: Buffer, source: string): Buffer {
  if (bytes.length === size) return bytes;
  throw new Error(
    `the master key in ${source} has ${String(bytes.length)} bytes, it must have ${String(size)}`,
  );
}

// written as it is read: raw bytes, or base64 with white space around it
const parse = (file: Buffer): Buffer =>
  file.length === size ? file : Buffer.from(file.toString('latin1').trim(), 'base64');

/**
 * The key that wraps all others: from the configuration, else from its file, else from `DIR/master.key`, which is made
 * when missing. With data in memory and nothing configured it lives as long as the process.
 */
export function loadMasterKey(config: Config): Buffer {
  if (config.masterKey !== undefined)
    return checked(Buffer.from(config.masterKey, 'base64'), 'the configuration');
  if (config.masterKeyFile !== undefined)
    return checked(parse(readFileSync(config.masterKeyFile)), config.masterKeyFile);
  if (config.data === 'memory') return randomBytes(size);
  const file = path.join(config.data, 'master.key');
  if (existsSync(file)) return checked(parse(readFileSync(file)), file);
  const key = randomBytes(size);
  // `wx`: never over a key that somebody else made in between; synced, because everything else depends on it
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, `${key.toString('base64')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return key;
}
