import { expect } from 'chai';
import { failure } from '../../test/kit.js';
import { createBoundedSet } from './bounded-set.js';
import { createFanOut } from './fan-out.js';
import { createLate, createLateList } from './late.js';
import { createLru } from './lru.js';

describe('createFanOut', () => {
  it('calls listeners in order, each as often as it was added', () => {
    const calls: string[] = [];
    const fanOut = createFanOut<string>(() => undefined);
    const listener = (text: string): void => void calls.push(text);
    fanOut.add((text) => calls.push(`first ${text}`));
    const unsubscribe = fanOut.add(listener);
    fanOut.add(listener);
    expect(fanOut.emit('a', undefined)).to.equal(undefined);
    expect(calls).to.deep.equal(['first a', 'a', 'a']);
    unsubscribe();
    unsubscribe();
    expect(fanOut.size).to.equal(2);
  });
  it('reports what a listener throws or rejects with, and calls the others', async () => {
    const reported: unknown[] = [];
    const calls: string[] = [];
    const fanOut = createFanOut<string>((error) => reported.push((error as Error).message));
    fanOut.add(() => {
      throw new Error('thrown');
    });
    fanOut.add(() => Promise.reject(new Error('rejected')));
    fanOut.add((text) => void calls.push(text));
    await fanOut.emit('a', undefined);
    expect(reported).to.deep.equal(['thrown', 'rejected']);
    expect(calls).to.deep.equal(['a']);
  });
  it('resolves when all listeners have settled', async () => {
    const fanOut = createFanOut<string>(() => undefined);
    let finish = (): void => undefined;
    let done = false;
    fanOut.add(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const settled = fanOut.emit('a', undefined)?.then(() => {
      done = true;
    });
    await Promise.resolve();
    expect(done).to.equal(false);
    finish();
    await settled;
    expect(done).to.equal(true);
  });
  it('does not call a listener that was added during the call, and still calls one that was removed', () => {
    const calls: string[] = [];
    const fanOut = createFanOut<string>(() => undefined);
    fanOut.add(() => {
      unsubscribe();
      fanOut.add(() => calls.push('late'));
    });
    const unsubscribe = fanOut.add(() => calls.push('removed'));
    void fanOut.emit('a', undefined);
    expect(calls).to.deep.equal(['removed']);
  });
  it('says when the first listener comes and when the last one leaves', () => {
    const demand: boolean[] = [];
    const fanOut = createFanOut<string>(
      () => undefined,
      (wanted) => demand.push(wanted),
    );
    const one = fanOut.add(() => undefined);
    const two = fanOut.add(() => undefined);
    one();
    two();
    fanOut.add(() => undefined);
    fanOut.clear();
    fanOut.clear();
    expect(demand).to.deep.equal([true, false, true, false]);
  });
});

describe('createBoundedSet', () => {
  it('remembers at least its capacity and at most twice as much', () => {
    const set = createBoundedSet(3);
    for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) expect(set.add(value)).to.equal(true);
    for (const value of ['d', 'e', 'f']) expect(set.add(value)).to.equal(false);
    set.add('g');
    expect(['a', 'b', 'c'].map(set.has)).to.deep.equal([false, false, false]);
    expect(['d', 'e', 'f', 'g'].map(set.has)).to.deep.equal([true, true, true, true]);
  });
});

describe('createLru', () => {
  it('removes what was not used for the longest time', () => {
    const cache = createLru<number>(3);
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      cache.set(key, value);
    expect(cache.get('a')).to.equal(1);
    cache.set('d', 4);
    expect(['a', 'b', 'c', 'd'].map(cache.get)).to.deep.equal([1, undefined, 3, 4]);
    expect(cache.size).to.equal(3);
  });
  it('replaces a value and forgets one that is deleted', () => {
    const cache = createLru<number>(2);
    cache.set('a', 1);
    cache.set('a', 2);
    expect([cache.get('a'), cache.size]).to.deep.equal([2, 1]);
    cache.delete('a');
    expect(cache.get('a')).to.equal(undefined);
  });
});

describe('createLate', () => {
  it('loads once for all callers and then has the part at hand', async () => {
    let loads = 0;
    const late = createLate('part', () => Promise.resolve({ n: (loads += 1) }));
    expect(late.loaded).to.equal(undefined);
    expect(await Promise.all([late(), late()])).to.deep.equal([{ n: 1 }, { n: 1 }]);
    expect(late.loaded).to.deep.equal({ n: 1 });
    expect((await late()).n).to.equal(1);
  });
  it('rejects with a retryable error when loading fails, and loads again at the next call', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module');
    let fails = true;
    const late = createLate('part', () => (fails ? Promise.reject(cause) : Promise.resolve('here')));
    expect(await failure(late())).to.include({ code: 'ERR_MODULE_LOAD', retryable: true, cause });
    fails = false;
    expect(await late()).to.equal('here');
  });
});

describe('createLateList', () => {
  it('loads with the first page and with the first item', async () => {
    let loads = 0;
    const page = { items: [1, 2], hasNext: false } as never;
    const list = createLateList<number>(() => {
      loads += 1;
      return Promise.resolve({
        page: () => Promise.resolve(page),
        async *[Symbol.asyncIterator]() {
          yield* await Promise.resolve([1, 2]);
        },
      });
    });
    expect(loads).to.equal(0);
    expect(await list.page()).to.equal(page);
    const items: number[] = [];
    for await (const item of list) items.push(item);
    expect(items).to.deep.equal([1, 2]);
    expect(loads).to.equal(2);
  });
});
