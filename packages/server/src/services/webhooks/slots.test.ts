import { expect } from 'chai';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('lets so many in, and the others in their order', async () => {
    const slots = new Slots(1);
    const leave = await slots.enter();
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      const done = await slots.enter();
      order.push(n);
      done();
    });
    expect(order).to.deep.equal([]);
    leave();
    await Promise.all(waiting);
    expect(order).to.deep.equal([1, 2]);
    (await slots.enter())();
  });
});
