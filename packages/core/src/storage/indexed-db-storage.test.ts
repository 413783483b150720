import { expect } from 'chai';
import { isSdkError } from '../kernel/errors.js';
import { storageContract } from './contract.test.js';
import { indexedDbStorage } from './indexed-db-storage.js';

const inBrowser = typeof indexedDB !== 'undefined';
let count = 0;

if (inBrowser)
  storageContract('indexedDbStorage', () => indexedDbStorage({ name: `contract-${String((count += 1))}` }));

describe('indexedDbStorage', () => {
  it('rejects where there is none, and only when it is used', async function () {
    if (inBrowser) this.skip();
    const error: unknown = await indexedDbStorage()
      .set('k', 'secret')
      .catch((cause: unknown) => cause);
    expect(isSdkError(error) && error.code).to.equal('ERR_STORAGE');
    expect(String(error)).not.to.include('secret');
  });
  it('keeps values between two adapters of one name, and opens again after close', async function () {
    if (!inBrowser) this.skip();
    const [one, two] = [indexedDbStorage({ name: 'shared' }), indexedDbStorage({ name: 'shared' })];
    await one.set('k', 'v');
    await one.close();
    expect(await two.get('k')).to.equal('v');
    expect(await one.get('k')).to.equal('v');
    await Promise.all([one.close(), two.close()]);
  });
  it('goes on when its database is deleted under it', async function () {
    if (!inBrowser) this.skip();
    const storage = indexedDbStorage({ name: 'gone' });
    await storage.set('k', 'v');
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase('gone');
      request.onsuccess = () => {
        resolve();
      };
      request.onerror = () => {
        reject(new Error('not deleted'));
      };
    });
    expect(await storage.get('k')).to.equal(undefined);
    await storage.set('k', 'new');
    expect(await storage.get('k')).to.equal('new');
    await storage.close();
  });
});
