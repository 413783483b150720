import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { joinCloud } from '@trunkline/testing';
import { expect } from 'chai';
import { spawnService } from '../kit/service-process.js';

const program = path.resolve(import.meta.dirname, '../../server/bin/trunkline-server.mjs');
const command = (...args: readonly string[]) => promisify(execFile)(process.execPath, [program, ...args]);
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was done',
    (error: unknown) => String((error as { stderr?: string }).stderr),
  );

describe('a backup', function () {
  this.timeout(120_000);
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trunkline-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('made while messages are written holds all that was acknowledged before it, and opens with the same key only', async () => {
    const data = path.join(folder, 'data');
    const file = path.join(folder, 'backup.tar');
    const restored = path.join(folder, 'restored');
    const service = await spawnService({ data });
    const plugins = () => [rooms(), messages(), e2ee()] as const;
    const ana = await joinCloud(service.now).person('ana');
    const client = createClient({ service: service.now.url, token: ana.accessToken, plugins: plugins() });
    const room = await client.rooms.create({ title: 'Kept' });
    const acknowledged: string[] = [];
    let stop = false;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; !stop; n += 1) {
        const text = `${String(writer)}/${String(n)}`;
        await client.messages.create({ roomId: room.id, text });
        acknowledged.push(text);
      }
    };
    await client.messages.create({
      roomId: room.id,
      text: 'a file',
      encrypted: false,
      files: [new File(['the plans'], 'plans.txt', { type: 'text/plain' })],
    });
    const writers = [0, 1, 2].map(write);
    while (acknowledged.length < 30) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = [...acknowledged];
    const { stdout } = await command('backup', '--data', data, '--to', file);
    const during = acknowledged.length - before.length;
    stop = true;
    await Promise.all(writers);
    await client.close();
    await service.stop();
    expect(during, 'written while the backup was made').to.be.greaterThan(0);
    expect(stdout).to.match(/master key \(its id is [\w-]{16}\) is not in it/);
    const key = await readFile(path.join(data, 'master.key'));
    const bytes = await readFile(file);
    expect(bytes.includes(key) || bytes.includes(Buffer.from(key.toString(), 'base64'))).to.equal(false);
    expect(bytes.includes(ana.accessToken)).to.equal(false);

    expect(await refusal(command('backup', '--data', data, '--to', file))).to.include('exists');
    expect(await refusal(command('restore', '--from', file, '--data', data))).to.include('not empty');
    const told = await command('restore', '--from', file, '--data', restored);
    expect(told.stdout).to.include('master key');
    expect((await readdir(restored)).sort()).to.deep.equal(['blobs', 'trunkline.db']);
    // another key, which a first start would make
    await writeFile(path.join(restored, 'master.key'), Buffer.alloc(32, 7));
    expect(await refusal(spawnService({ data: restored }))).to.not.equal('it was done');
    await copyFile(path.join(data, 'master.key'), path.join(restored, 'master.key'));

    const again = await spawnService({ data: restored });
    const reader = createClient({ service: again.now.url, token: ana.accessToken, plugins: plugins() });
    try {
      const texts: string[] = [];
      for await (const message of reader.messages.list({ roomId: room.id })) texts.push(message.text ?? '');
      expect(texts).to.include.members(before);
      expect(texts).to.include('a file');
      expect((await reader.rooms.get(room.id)).title).to.equal('Kept');
    } finally {
      await reader.close();
      await again.stop();
    }
  });

  it('that was damaged, cut off or is none makes no folder', async () => {
    const data = path.join(folder, 'small');
    const service = await spawnService({ data });
    const file = path.join(folder, 'small.tar');
    await command('backup', '--data', data, '--to', file);
    await service.stop();
    const whole = await readFile(file);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(5000) ^ 1, 5000);
    const bad = { flipped, cut: whole.subarray(0, 9000), none: Buffer.from('x'.repeat(2000)) };
    for (const [name, bytes] of Object.entries(bad)) {
      const source = path.join(folder, name);
      await writeFile(source, bytes);
      const target = path.join(folder, `from-${name}`);
      expect(await refusal(command('restore', '--from', source, '--data', target)), name).to.match(
        /damaged|cut off/,
      );
    }
    expect((await readdir(folder)).filter((name) => name.startsWith('from-'))).to.deep.equal([]);
    expect(await refusal(command('backup', '--data', folder, '--to', 'x'))).to.include('no data');
    expect(await refusal(command('backup', '--data', data))).to.include('needs --data and --to');
  });
});
