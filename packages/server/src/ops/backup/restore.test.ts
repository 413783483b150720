import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newestOf } from '../../kernel/store/index.js';
import { migrations } from '../../modules.js';
import { startServer } from '../../server.js';
import { backUp, BackupError, restore } from './index.js';
import { ending, header, padding } from './tar.js';

describe('restoring a backup that is damaged or hostile (F20)', function () {
  this.timeout(60_000);
  let folder = '';
  let whole: Buffer;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'trunkline-restore-'));
    const data = path.join(folder, 'data');
    const server = await startServer({ port: 0, data, seed: 'demo', logLevel: 'silent' });
    await server.close();
    await backUp(data, path.join(folder, 'whole.tar'));
    whole = readFileSync(path.join(folder, 'whole.tar'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  let turn = 0;
  const refusal = async (bytes: Buffer): Promise<string> => {
    const source = path.join(folder, `bad-${String((turn += 1))}.tar`);
    const target = path.join(folder, `from-${String(turn)}`);
    writeFileSync(source, bytes);
    try {
      await restore(source, target, newestOf(migrations));
    } catch (error) {
      expect(error).to.be.instanceOf(BackupError);
      expect(existsSync(target)).to.equal(false);
      expect(readdirSync(folder).filter((name) => name.includes('.part-'))).to.deep.equal([]);
      return (error as Error).message;
    } finally {
      rmSync(source);
    }
    throw new Error('it was restored');
  };
  /** The header at `at`, changed, with a checksum that matches. */
  const changed = (at: number, change: (head: Buffer) => void): Buffer => {
    const bytes = Buffer.from(whole);
    const head = bytes.subarray(at, at + 512);
    change(head);
    head.fill(0x20, 148, 156);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return bytes;
  };
  const archive = (files: Readonly<Record<string, Buffer | string>>): Buffer =>
    Buffer.concat([
      ...Object.entries(files).flatMap(([name, content]) => {
        const bytes = Buffer.from(content);
        return [header({ name, size: bytes.length }, 0), bytes, padding(bytes.length)];
      }),
      ending(),
    ]);
  const database = (): Buffer => {
    const size = parseInt(whole.toString('latin1', 124, 135), 8);
    return whole.subarray(512, 512 + size);
  };
  const manifestOf = (files: Readonly<Record<string, Buffer>>, more: object = {}): string =>
    JSON.stringify({
      format: 1,
      created: '2026-01-01T00:00:00.000Z',
      orgId: null,
      schema: null,
      masterKeyId: null,
      files: Object.fromEntries(
        Object.entries(files).map(([name, bytes]) => [
          name,
          createHash('sha256').update(bytes).digest('hex'),
        ]),
      ),
      ...more,
    });

  it('restores one that is whole', async () => {
    const target = path.join(folder, 'restored');
    const manifest = await restore(path.join(folder, 'whole.tar'), target, newestOf(migrations));
    expect(Object.keys(manifest.files)).to.include('trunkline.db');
    expect(readdirSync(target)).to.include('trunkline.db');
  });

  const numbers = [
    '-0000001000',
    '-1         ',
    '99999999999',
    'NaN        ',
    '           ',
    '0x000000010',
    '1e5        ',
    '1 1',
    '\x80\0\0\0\0\0\0\0\0\0\x01',
    '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  ];
  for (const [field, at, length] of [
    ['size', 124, 11],
    ['mode', 100, 7],
    ['owner', 108, 7],
    ['group', 116, 7],
    ['time', 136, 11],
  ] as const)
    it(`refuses a ${field} that is not a number, in its first entry and in its manifest`, async () => {
      const last = whole.lastIndexOf('backup.json');
      for (const number of numbers)
        for (const entry of [0, last])
          expect(
            await refusal(
              changed(entry, (head) => {
                head.fill(0, at, at + length + 1);
                head.write(number.slice(0, length), at, 'latin1');
              }),
            ),
            number,
          ).to.match(/damaged|cut off/);
    });

  it('refuses a checksum that is not a number, or is another one', async () => {
    for (const sum of ['-00001\0 ', 'NaN    ', '\0\0\0\0\0\0\0\0', '000001\0 ']) {
      const bytes = Buffer.from(whole);
      bytes.write(sum, 148, 'latin1');
      expect(await refusal(bytes), JSON.stringify(sum)).to.match(/damaged/);
    }
  });

  it('refuses an archive that is cut off anywhere', async () => {
    const last = whole.lastIndexOf('backup.json');
    for (const length of [0, 1, 511, 512, 513, 9000, last - 1, last, last + 100, last + 512, last + 600])
      expect(await refusal(whole.subarray(0, length)), String(length)).to.match(/damaged|cut off/);
  });

  it('refuses names that lead out of the folder, entries that are not files, and files twice', async () => {
    const db = database();
    for (const name of [
      '../evil',
      '/tmp/evil',
      'blobs/../../evil',
      'blobs/aa/../../../evil',
      'trunkline.db\n',
      'trunkline.db-wal',
      'master.key',
      'blobs/aa/x.sh',
      '',
    ])
      expect(
        await refusal(
          archive({ 'trunkline.db': db, [name]: 'x', 'backup.json': manifestOf({ 'trunkline.db': db }) }),
        ),
        name,
      ).to.match(/damaged/);
    for (const type of ['1', '2', '3', '5', 'x', 'L', 'g', '\0'])
      expect(
        await refusal(
          changed(0, (head) => {
            head.write(type, 156, 'latin1');
          }),
        ),
      ).to.match(/not a plain file/);
    expect(
      await refusal(
        changed(0, (head) => {
          head.write('../..', 345, 'latin1');
        }),
      ),
    ).to.match(/damaged/);
    const twice = archive({ 'trunkline.db': db });
    const rest = archive({ 'trunkline.db': db, 'backup.json': manifestOf({ 'trunkline.db': db }) });
    expect(await refusal(Buffer.concat([twice.subarray(0, -1024), rest]))).to.match(/does not belong/);
  });

  it('refuses a manifest that is not what it should be', async () => {
    const db = database();
    const right = { 'trunkline.db': db };
    for (const manifest of [
      '',
      'null',
      '[]',
      '{',
      '7',
      '{"format":1}',
      manifestOf(right, { format: 2 }),
      manifestOf(right, { files: null }),
      manifestOf(right, { files: [] }),
      manifestOf(right, { files: { 'trunkline.db': 7 } }),
      manifestOf(right, { files: {} }),
      manifestOf(right, { schema: 7 }),
      manifestOf(right, { schema: '9999-from-the-future' }),
      manifestOf(right, { created: null }),
      manifestOf({ ...right, 'blobs/aa/00000000-0000-4000-8000-000000000000': db }),
      // of another database
      manifestOf(right, { orgId: 'another' }),
    ])
      await refusal(archive({ 'trunkline.db': db, 'backup.json': manifest }));
    const listed = archive({ 'trunkline.db': db, 'backup.json': manifestOf(right) }).subarray(0, -1024);
    expect(await refusal(Buffer.concat([listed, archive({ 'backup.json': manifestOf(right) })]))).to.match(
      /follows/,
    );
    expect(await refusal(archive({ 'trunkline.db': db }))).to.match(/not complete/);
    expect(await refusal(archive({ 'backup.json': manifestOf({}) }))).to.match(/not complete/);
  });

  it('refuses a database that is not one, or is damaged inside', async () => {
    for (const db of [
      Buffer.from('not a database'.repeat(100)),
      Buffer.alloc(0),
      damagedDatabase(database()),
    ])
      await refusal(archive({ 'trunkline.db': db, 'backup.json': manifestOf({ 'trunkline.db': db }) }));
  });

  it('refuses a folder, and a path that leads nowhere', async () => {
    for (const source of [folder, path.join(folder, 'nothing.tar')])
      await restore(source, path.join(folder, 'never'), newestOf(migrations)).then(
        () => {
          throw new Error('it was restored');
        },
        (error: unknown) => {
          expect(error).to.be.instanceOf(BackupError);
        },
      );
  });
});

function damagedDatabase(db: Buffer): Buffer {
  const bytes = Buffer.from(db);
  bytes.fill(0xab, 4096, Math.min(bytes.length, 40_960));
  return bytes;
}
