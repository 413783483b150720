import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTestStore } from '../harness.test.js';
import { storeContract } from './store.contract.js';

storeContract('libsql', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
  return {
    open: () => openTestStore(folder),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
});

describe('openLibsqlStore', () => {
  it('refuses a folder that another has open, until that one closes', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
    const first = await openTestStore(folder);
    let message = '';
    await openTestStore(folder).catch((error: unknown) => (message = String(error)));
    expect(message).to.include('in use');
    await first.close();
    await (await openTestStore(folder)).close();
    rmSync(folder, { recursive: true });
  });

  it('leaves nothing of a store in memory', async () => {
    const ours = (): string[] => readdirSync(tmpdir()).filter((name) => /^trunkline-\w{6}$/.test(name));
    const before = ours();
    const store = await openTestStore('memory');
    const [made] = ours().filter((name) => !before.includes(name));
    expect(made).to.be.a('string');
    await store.close();
    expect(existsSync(path.join(tmpdir(), made ?? ''))).to.equal(false);
  });
});
