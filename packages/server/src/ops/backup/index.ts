import Libsql from 'libsql';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { fields, type Fields, isFields } from '../../kernel/http/untrusted.js';
import { masterKeyName } from '../../kernel/vault/master-key.js';
import { BackupError, ending, entries, header, padding } from './tar.js';

export { BackupError } from './tar.js';

/** What a backup says of itself, in `backup.json` at its end. */
export interface Manifest {
  readonly format: 1;
  /** ISO */
  readonly created: string;
  readonly orgId: string | null;
  /** newest migration that the data has seen */
  readonly schema: string | null;
  /** distinguishes the right master key from others, and nothing else */
  readonly masterKeyId: string | null;
  /** SHA-256 of each file, hex */
  readonly files: Readonly<Record<string, string>>;
}

const databaseFile = 'trunkline.db';
const manifestFile = 'backup.json';
const goodName = /^(?:trunkline\.db|blobs\/[0-9a-f]{2}\/[0-9a-f-]{36})$/;

function describe(database: Libsql.Database): Pick<Manifest, 'orgId' | 'schema' | 'masterKeyId'> {
  const value = (query: string): string | null =>
    (database.prepare(query).get([]) as { value: string | null } | undefined)?.value ?? null;
  return {
    orgId: value("select value from meta where key = 'org_id'"),
    masterKeyId: value(`select value from meta where key = '${masterKeyName}'`),
    schema: value('select max(name) as value from kysely_migration'),
  };
}

async function append(to: FileHandle, file: string, name: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const hash = createHash('sha256');
  await to.write(header({ name, size }, mtimeMs));
  let written = 0;
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(piece);
    await to.write(piece);
    written += piece.length;
  }
  if (written !== size) throw new BackupError(`${file} changed while it was read`);
  await to.write(padding(size));
  return hash.digest('hex');
}

async function blobsIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  if (!existsSync(folder)) return names;
  for (const part of (await readdir(folder)).sort())
    for (const id of (await readdir(path.join(folder, part))).sort()) {
      const name = `blobs/${part}/${id}`;
      // one that is being written has another name until it is whole
      if (goodName.test(name)) names.push(name);
    }
  return names;
}

/**
 * Writes everything but the master key and the TLS authority into one file, while the service runs. The database comes
 * first, as it is at one moment; whatever files it knows of were there before it did.
 *
 * @throws BackupError when the folder holds no data, or the file exists
 */
export async function backUp(data: string, target: string): Promise<Manifest> {
  const database = path.join(data, databaseFile);
  if (!existsSync(database)) throw new BackupError(`no data of a service was found in ${data}`);
  if (existsSync(target)) throw new BackupError(`${target} exists; a backup overwrites nothing`);
  const work = mkdtempSync(`${path.resolve(target)}.part-`);
  try {
    const copy = path.join(work, databaseFile);
    const source = new Libsql(database);
    try {
      source.exec('pragma busy_timeout = 30000');
      source.prepare('vacuum into ?').run([copy]);
    } finally {
      source.close();
    }
    const snapshot = new Libsql(copy);
    const about = describe(snapshot);
    snapshot.close();
    const part = path.join(work, 'backup.tar');
    const file = await open(part, 'wx', 0o600);
    const files: Record<string, string> = {};
    try {
      files[databaseFile] = await append(file, copy, databaseFile);
      for (const name of await blobsIn(path.join(data, 'blobs'))) {
        const blob = path.join(data, name);
        // a message that was not sent after all takes its file with it
        if (existsSync(blob)) files[name] = await append(file, blob, name);
      }
      const manifest: Manifest = { format: 1, created: new Date().toISOString(), ...about, files };
      const text = Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`);
      await file.write(header({ name: manifestFile, size: text.length }, Date.now()));
      await file.write(Buffer.concat([text, padding(text.length), ending()]));
      await file.sync();
      await rename(part, target);
      return manifest;
    } finally {
      await file.close();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** bytes; a file that is listed takes some 130 */
const longestManifest = 256 * 1024 * 1024;
const damaged = (why: string): BackupError =>
  new BackupError(`the backup is damaged: ${why}. Use another copy of it.`);

function parsedManifest(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // said below
  }
  throw damaged(`${manifestFile} cannot be read`);
}

function checkedManifest(text: string, hashes: ReadonlyMap<string, string>, newest: string): Manifest {
  const manifest = parsedManifest(text);
  if (manifest['format'] !== 1)
    throw new BackupError(
      'the backup is of a kind that this version does not know. Restore it with the version that made it.',
    );
  const { created, orgId, schema, masterKeyId } = manifest;
  const isText = (value: unknown): value is string | null => value === null || typeof value === 'string';
  if (
    typeof created !== 'string' ||
    !isText(orgId) ||
    !isText(schema) ||
    !isText(masterKeyId) ||
    !isFields(manifest['files'])
  )
    throw damaged(`${manifestFile} does not say what it should`);
  const files: Record<string, string> = {};
  for (const [name, hash] of Object.entries(fields(manifest['files']))) {
    if (typeof hash !== 'string' || hashes.get(name) !== hash) throw damaged('a file is not as it was');
    files[name] = hash;
  }
  if (Object.keys(files).length !== hashes.size) throw damaged('it holds a file that it does not list');
  if (schema !== null && schema > newest)
    throw new BackupError(
      `the backup is of a newer version of this service (${JSON.stringify(schema.slice(0, 100))}, the newest here is ${newest}). Restore it with that version.`,
    );
  return { format: 1, created, orgId, schema, masterKeyId, files };
}

/** The database itself must be whole, and of the service that the manifest names. */
function checkDatabase(file: string, manifest: Manifest): void {
  let about: ReturnType<typeof describe> | undefined;
  try {
    const database = new Libsql(file, { readonly: true });
    try {
      const result = database.prepare('pragma integrity_check').all([]) as { integrity_check: string }[];
      if (result[0]?.integrity_check === 'ok') about = describe(database);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new BackupError('the database in the backup cannot be read. Use another copy of the backup.', {
      cause,
    });
  }
  if (about === undefined) throw damaged('its database is not whole');
  for (const name of ['orgId', 'schema', 'masterKeyId'] as const)
    if (about[name] !== manifest[name])
      throw damaged(`its database is not the one that ${manifestFile} describes`);
}

/**
 * Makes a data folder out of a backup. Everything is checked before the folder is there.
 *
 * @param newest the newest migration that this version knows
 * @throws BackupError when the folder is not empty, or anything in the backup is not as it was
 */
export async function restore(source: string, data: string, newest: string): Promise<Manifest> {
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new BackupError(`${data} is not empty; a backup is restored into a new folder`);
  const file = await open(source, 'r').catch((cause: unknown) => {
    throw new BackupError(`the backup ${source} cannot be read. Is the path right?`, { cause });
  });
  let work: string | undefined;
  try {
    mkdirSync(path.dirname(path.resolve(data)), { recursive: true });
    work = mkdtempSync(`${path.resolve(data)}.part-`);
    const hashes = new Map<string, string>();
    let about: string | undefined;
    if (!(await file.stat()).isFile()) throw new BackupError(`the backup ${source} is not a file.`);
    for await (const { name, size, bytes } of entries(file)) {
      if (about !== undefined) throw damaged(`something follows ${manifestFile}`);
      if (name === manifestFile) {
        if (size > longestManifest) throw damaged(`${manifestFile} is too large`);
        const pieces: Buffer[] = [];
        for await (const piece of bytes) pieces.push(piece);
        about = Buffer.concat(pieces).toString();
        continue;
      }
      if (!goodName.test(name) || hashes.has(name))
        throw damaged('it holds a file that does not belong there');
      const target = path.join(work, name);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      const hash = createHash('sha256');
      const written = await open(target, 'wx', 0o600);
      try {
        for await (const piece of bytes) {
          hash.update(piece);
          await written.write(piece);
        }
        await written.sync();
      } finally {
        await written.close();
      }
      hashes.set(name, hash.digest('hex'));
    }
    if (about === undefined || !hashes.has(databaseFile)) throw damaged('it is not complete');
    const manifest = checkedManifest(about, hashes, newest);
    checkDatabase(path.join(work, databaseFile), manifest);
    if (existsSync(data)) rmSync(data, { recursive: true });
    await rename(work, data);
    return manifest;
  } finally {
    await file.close();
    if (work !== undefined) rmSync(work, { recursive: true, force: true });
  }
}
