import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('importing the package', () => {
  it('touches no global, and a server may make a browserAuth', async () => {
    const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), 'index.ts');
    const code = `
      const touched = [];
      for (const name of ['window', 'document', 'localStorage', 'sessionStorage', 'BroadcastChannel'])
        Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
      const before = Object.keys(globalThis).length;
      const { browserAuth } = await import(${JSON.stringify(entry)});
      const atImport = touched.length;
      const auth = browserAuth({ clientId: 'a', redirectUri: 'https://a.test/', scopes: '' });
      const made = touched.length;
      console.log(JSON.stringify([atImport, made, await auth.restore(), Object.keys(globalThis).length - before]));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import=tsx',
      '--input-type=module',
      '--eval',
      code,
    ]);
    expect(JSON.parse(stdout)).to.deep.equal([0, 0, false, 0]);
  });
});
