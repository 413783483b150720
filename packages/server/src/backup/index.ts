import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, mkdir, readdir, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { masterKeyName } from '../services/kms/master-key.js';
import { newestMigration } from '../store/index.js';
import { ending, entries, header, padding } from './tar.js';

/** What a backup says of itself, in `backup.json` at its end. */
export interface Manifest {
  readonly format: 1;
  /** ISO */
  readonly created: string;
  readonly orgId: string | null;
  /** newest migration that the data has seen */
  readonly schema: string | null;
  /** tells the right master key from others, and nothing else */
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
  if (written !== size) throw new Error(`${file} changed while it was read`);
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
 * @throws Error when the folder holds no data, or the file exists
 */
export async function backUp(data: string, target: string): Promise<Manifest> {
  const database = path.join(data, databaseFile);
  if (!existsSync(database)) throw new Error(`there is no data of a service in ${data}`);
  if (existsSync(target)) throw new Error(`${target} exists; a backup overwrites nothing`);
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

function checkedManifest(text: string, hashes: ReadonlyMap<string, string>): Manifest {
  const manifest = JSON.parse(text) as Manifest;
  if ((manifest.format as number) !== 1)
    throw new Error('the backup is of a kind that this version does not know');
  const names = Object.keys(manifest.files);
  for (const name of names)
    if (hashes.get(name) !== manifest.files[name])
      throw new Error(`the backup is damaged: ${name} is not as it was`);
  if (names.length !== hashes.size) throw new Error('the backup is damaged: it holds what it does not list');
  if (manifest.schema !== null && manifest.schema > newestMigration)
    throw new Error(
      `the backup is of a newer version of this service (${manifest.schema}, the newest here is ${newestMigration})`,
    );
  return manifest;
}

/**
 * Makes a data folder out of a backup. Everything is checked before the folder is there.
 *
 * @throws Error when the folder is not empty, or anything in the backup is not as it was
 */
export async function restore(source: string, data: string): Promise<Manifest> {
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new Error(`${data} is not empty; a backup is restored into a new folder`);
  const file = await open(source, 'r').catch((cause: unknown) => {
    throw new Error(`the backup ${source} cannot be read`, { cause });
  });
  let work: string | undefined;
  try {
    mkdirSync(path.dirname(path.resolve(data)), { recursive: true });
    work = mkdtempSync(`${path.resolve(data)}.part-`);
    const hashes = new Map<string, string>();
    let about: string | undefined;
    for await (const { name, bytes } of entries(file)) {
      if (name === manifestFile) {
        about = '';
        for await (const piece of bytes) about += piece.toString();
        continue;
      }
      if (!goodName.test(name) || hashes.has(name))
        throw new Error('the backup is damaged: it holds a strange file');
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
    if (about === undefined || !hashes.has(databaseFile)) throw new Error('the backup is not complete');
    const manifest = checkedManifest(about, hashes);
    const database = new Libsql(path.join(work, databaseFile));
    try {
      const result = database.prepare('pragma integrity_check').all([]) as { integrity_check: string }[];
      if (result[0]?.integrity_check !== 'ok') throw new Error('the database in the backup is damaged');
    } finally {
      database.close();
    }
    if (existsSync(data)) rmSync(data, { recursive: true });
    await rename(work, data);
    return manifest;
  } finally {
    await file.close();
    if (work !== undefined) rmSync(work, { recursive: true, force: true });
  }
}
