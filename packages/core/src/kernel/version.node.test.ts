import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { VERSION } from './version.js';

const folder = path.resolve(process.cwd(), 'packages/core');

describe('the package', () => {
  it('says the version that package.json says', () => {
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(VERSION).to.equal(version);
  });
  it('has no idea which plugins exist', () => {
    const files = readdirSync(path.join(folder, 'src'), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    expect(sources.length).to.be.greaterThan(20);
    for (const file of sources)
      expect(readFileSync(path.join(folder, 'src', file), 'utf8'), file).not.to.match(/room/i);
  });
});
