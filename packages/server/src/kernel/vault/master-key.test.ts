import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ServerOptions, startServer } from '../../index.js';
import { ConfigError } from '../config.js';

describe('the master key of a data folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    delete process.env['TRUNKLINE_MASTER_KEY'];
  });
  const data = (): string => path.join(folder, 'data');
  const keyFile = (): string => path.join(data(), 'master.key');
  const start = async (options: ServerOptions = {}): Promise<void> =>
    (await startServer({ port: 0, data: data(), logLevel: 'silent', ...options })).close();
  const refusal = async (options: ServerOptions = {}): Promise<string> => {
    const error: unknown = await start(options).then(
      () => 'it started',
      (cause: unknown) => cause,
    );
    expect(error).to.be.instanceOf(ConfigError);
    return (error as Error).message;
  };

  it('is created for a new database only; without it an old one is refused and nothing is left behind (H7)', async () => {
    await start();
    const kept = path.join(folder, 'kept.key');
    copyFileSync(keyFile(), kept);
    rmSync(keyFile());
    for (let n = 0; n < 2; n += 1) {
      const message = await refusal();
      expect(message).to.include(keyFile()).and.include('does not exist');
      expect(message).to.match(/its id is [\w-]{16}\)/);
      expect(message).to.include('--master-key FILE').and.include('TRUNKLINE_MASTER_KEY');
      expect(existsSync(keyFile())).to.equal(false);
    }
    await start({ masterKeyFile: kept });
    expect(existsSync(keyFile())).to.equal(false);
    process.env['TRUNKLINE_MASTER_KEY'] = readFileSync(kept, 'utf8').trim();
    await start();
    expect(existsSync(keyFile())).to.equal(false);
    delete process.env['TRUNKLINE_MASTER_KEY'];
    copyFileSync(kept, keyFile());
    await start();
  });

  it('names both ids when it is another one, wherever it came from (H7)', async () => {
    await start();
    const right = keyFile();
    const wrong = path.join(folder, 'wrong.key');
    writeFileSync(wrong, Buffer.alloc(32, 7));
    const message = await refusal({ masterKeyFile: wrong });
    const ids = message.match(/the id [\w-]{16}/g) ?? [];
    expect(new Set(ids).size).to.equal(2);
    expect(message).to.include(wrong);
    process.env['TRUNKLINE_MASTER_KEY'] = Buffer.alloc(32, 8).toString('base64');
    expect(await refusal())
      .to.include('TRUNKLINE_MASTER_KEY')
      .and.include(ids[1] ?? 'no id');
    delete process.env['TRUNKLINE_MASTER_KEY'];
    copyFileSync(right, wrong);
    await start({ masterKeyFile: wrong });
  });

  it('is read from a file as openssl writes it, and a missing file is a typed error (H17)', async () => {
    const file = path.join(folder, 'made.key');
    const message = await refusal({ masterKeyFile: file });
    expect(message).to.equal(
      `master-key: ${file} does not exist. Create one with: openssl rand -base64 32 > ${file}`,
    );
    execFileSync('sh', ['-c', (/with: (.*)$/.exec(message) ?? [])[1] ?? 'false']);
    await start({ masterKeyFile: file });
    rmSync(file);
    const missing = await refusal({ masterKeyFile: file });
    expect(missing)
      .to.include(file)
      .and.match(/its id is [\w-]{16}\)/);
    expect(missing).to.not.include('openssl');
    writeFileSync(file, 'short');
    expect(await refusal({ masterKeyFile: file })).to.include('expected 32');
    expect(await refusal({ masterKeyFile: folder })).to.include('cannot be read');
  });
});
