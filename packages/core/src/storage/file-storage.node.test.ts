import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { isSdkError } from '../kernel/errors.js';
import { storageContract } from './contract.test.js';
import { fileStorage } from './file-storage.node.js';

describe('files', () => {
  const made: string[] = [];
  const folder = async (): Promise<string> => {
    const fresh = await mkdtemp(path.join(tmpdir(), 'storage-'));
    made.push(fresh);
    return fresh;
  };
  after(() => Promise.all(made.map((each) => rm(each, { recursive: true, force: true }))));

  storageContract('fileStorage', async () => fileStorage(path.join(await folder(), 'deep', 'er')));

  it('are for their owner only, have safe names, and leave nothing half written', async () => {
    const at = path.join(await folder(), 'kept');
    const storage = fileStorage(at);
    await storage.set('../../etc/passwd', 'x');
    await storage.set('../../etc/passwd', 'y');
    const files = await readdir(at);
    expect(files).to.have.length(1);
    expect(files[0]).to.match(/^[0-9a-f]{64}$/);
    expect((await stat(path.join(at, files[0] ?? ''))).mode & 0o777).to.equal(0o600);
    expect((await stat(at)).mode & 0o777).to.equal(0o700);
  });
  it('are seen by another storage over the same folder', async () => {
    const at = await folder();
    await fileStorage(at).set('k', 'v');
    expect(await fileStorage(at).get('k')).to.equal('v');
  });
  it('say when the folder is none', async () => {
    const file = path.join(await folder(), 'file');
    await writeFile(file, '');
    const storage = fileStorage(file);
    for (const work of [() => storage.set('k', 'secret'), () => storage.get('k')]) {
      const error: unknown = await work().catch((cause: unknown) => cause);
      expect(isSdkError(error) && error.code).to.equal('ERR_STORAGE');
      expect(String(error)).not.to.include('secret');
    }
  });
});
