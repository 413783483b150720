import { expect } from 'chai';
import { isSdkError } from '../kernel/errors.js';
import { storageContract } from './contract.test.js';
import { webStorage, type WebStorageArea } from './web-storage.js';

function fakeArea(): WebStorageArea {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
const named = (name: string): Error => Object.assign(new Error('no'), { name });
const fails = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isSdkError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it did not fail');
};
const real = (name: 'localStorage' | 'sessionStorage'): globalThis.Storage | undefined =>
  typeof document === 'undefined' ? undefined : globalThis[name];

storageContract('webStorage', () => webStorage({ area: fakeArea() }));
if (real('localStorage'))
  for (const area of ['local', 'session'] as const)
    storageContract(`webStorage in a browser: ${area}`, () => {
      globalThis[`${area}Storage`].clear();
      return webStorage({ area });
    });

describe('webStorage', () => {
  it('writes at once, with its prefix', () => {
    const area = fakeArea();
    void webStorage({ area }).set('a', '1');
    expect(area.getItem('trunkline/a')).to.equal('1');
    void webStorage({ area, prefix: 'mine.' }).set('a', '2');
    expect(area.getItem('mine.a')).to.equal('2');
  });
  it('says whether the storage is full or blocked, and keeps the value out of the error', async () => {
    for (const [name, words] of [
      ['QuotaExceededError', 'it is full'],
      ['SecurityError', 'blocks it'],
      ['TypeError', 'not there'],
    ] as const) {
      const broken = (): never => {
        throw named(name);
      };
      const storage = webStorage({ area: { getItem: broken, setItem: broken, removeItem: broken } });
      const said = await Promise.all([
        fails(storage.get('k')),
        fails(storage.set('k', 'secret')),
        fails(storage.remove('k')),
      ]);
      for (const text of said)
        expect(text)
          .to.match(/^ERR_STORAGE/)
          .and.to.include(words)
          .and.not.to.include('secret');
    }
  });
  it('rejects where there is none, and only when it is used', async function () {
    if (real('localStorage')) this.skip();
    expect(await fails(webStorage().get('k'))).to.match(/^ERR_STORAGE: localStorage could not be read/);
  });
  it('meets the real quota', async function () {
    const local = real('localStorage');
    if (!local) this.skip();
    local.clear();
    const storage = webStorage();
    await storage.set('kept', 'yes');
    expect(await fails(storage.set('big', 'x'.repeat(30_000_000)))).to.include('it is full');
    expect(await storage.get('kept')).to.equal('yes');
    local.clear();
  });
});
