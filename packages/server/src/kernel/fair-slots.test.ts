import { expect } from 'chai';
import { FairSlots } from './fair-slots.js';

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe('FairSlots', () => {
  const entering = (slots: FairSlots, key: string, order: string[], name = key) => {
    const entry: { leave?: () => void } = {};
    void slots.enter(key).then((leave) => {
      order.push(name);
      entry.leave = leave;
    });
    return entry;
  };

  it('gives one key its share only, also when places are free', async () => {
    const order: string[] = [];
    const slots = new FairSlots(8, 2);
    const entries = ['a1', 'a2', 'a3'].map((name) => entering(slots, 'a', order, name));
    entering(slots, 'b', order);
    await settled();
    expect(order).to.deep.equal(['a1', 'a2', 'b']);
    expect(slots.waitingOf('a')).to.equal(1);
    entries[0]?.leave?.();
    await settled();
    expect(order).to.deep.equal(['a1', 'a2', 'b', 'a3']);
  });

  it('serves the key that has the fewest places, however many of another key wait', async () => {
    const order: string[] = [];
    const slots = new FairSlots(2, 2);
    const first = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => entering(slots, 'a', order, name));
    entering(slots, 'b', order);
    await settled();
    expect(order).to.deep.equal(['a1', 'a2']);
    first[0]?.leave?.();
    await settled();
    expect(order).to.deep.equal(['a1', 'a2', 'b']);
  });

  it('lets keys take turns', async () => {
    const order: string[] = [];
    const slots = new FairSlots(1, 1);
    const entries = ['a', 'a', 'a', 'b', 'b', 'c'].map((key) => entering(slots, key, order));
    for (let turn = 0; turn < 6; turn += 1) {
      await settled();
      entries.find((entry) => entry.leave !== undefined)?.leave?.();
      const done = entries.findIndex((entry) => entry.leave !== undefined);
      entries.splice(done, 1);
    }
    expect(order).to.deep.equal(['a', 'a', 'b', 'c', 'a', 'b']);
  });

  it('counts a place that is given back twice once', async () => {
    const order: string[] = [];
    const slots = new FairSlots(1, 1);
    const first = entering(slots, 'a', order);
    await settled();
    first.leave?.();
    first.leave?.();
    entering(slots, 'b', order);
    entering(slots, 'c', order);
    await settled();
    expect(order).to.deep.equal(['a', 'b']);
  });
});
