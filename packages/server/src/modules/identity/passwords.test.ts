import { expect } from 'chai';
import { hashPassword, verifyPassword } from './passwords.js';

describe('passwords', () => {
  it('are verified, and hash differently each time', async () => {
    const [one, two] = [await hashPassword('café'), await hashPassword('café')];
    expect(one).not.to.equal(two).and.not.to.include('café');
    expect(await verifyPassword('cafe\u0301', one)).to.equal(true);
    expect(await verifyPassword('Café', one)).to.equal(false);
    expect(await verifyPassword('', one)).to.equal(false);
  });

  it('are never right for a user who has none', async () => {
    expect(await verifyPassword('', null)).to.equal(false);
  });
});
