import { expect } from 'chai';
import { namespaced } from './namespaced.js';
import type { Storage } from './storage.js';

/** What every adapter does. `make` answers an empty storage each time. */
export function storageContract(name: string, make: () => Storage | Promise<Storage>): void {
  describe(name, () => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await make();
    });

    it('knows nothing at first', async () => {
      expect(await storage.get('a')).to.equal(undefined);
    });
    it('gives back what was set last, letter by letter', async () => {
      for (const text of ['one', '', 'line\nline\0', 'ü 漢 😀', 'x'.repeat(100_000)]) {
        await storage.set('a', text);
        expect(await storage.get('a')).to.equal(text);
      }
    });
    it('keeps the last of writes that overlap', async () => {
      await Promise.all(Array.from({ length: 10 }, (_, n) => storage.set('a', String(n))));
      expect(await storage.get('a')).to.equal('9');
      await Promise.all([storage.set('a', 'again'), storage.remove('a')]);
      expect(await storage.get('a')).to.equal(undefined);
    });
    it('forgets what is removed, also twice, and nothing else', async () => {
      await Promise.all([storage.set('a', '1'), storage.set('b', '2')]);
      await storage.remove('a');
      await storage.remove('a');
      expect(await storage.get('a')).to.equal(undefined);
      expect(await storage.get('b')).to.equal('2');
    });
    it('takes any text as key', async () => {
      const keys = [
        '',
        'A',
        '../up',
        'kms://host/keys/1',
        '__proto__',
        'constructor',
        'con',
        'é',
        'x'.repeat(1000),
      ];
      for (const [at, key] of [...keys, 'a'].entries()) await storage.set(key, String(at));
      for (const [at, key] of [...keys, 'a'].entries())
        expect(await storage.get(key), key).to.equal(String(at));
    });
    it('keeps namespaces apart', async () => {
      const [ana, ben] = [namespaced(storage, 'ana'), namespaced(storage, 'ben')];
      await ana.set('k', '1');
      await ben.set('k', '2');
      await namespaced(storage, 'ana/k').set('', '3');
      await ben.remove('k');
      expect(await ana.get('k')).to.equal('1');
      expect(await ben.get('k')).to.equal(undefined);
      expect(await storage.get('k')).to.equal(undefined);
    });
  });
}
