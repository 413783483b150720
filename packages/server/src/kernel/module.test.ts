import { expect } from 'chai';
import pino from 'pino';
import { testKernel } from './harness.test.js';
import { createLifecycle } from './lifecycle.js';
import { type Module, type Parts, setUpModules, sortModules } from './module.js';

const module = (name: string, needs: readonly string[] = [], parts: Parts = {}): Module => ({
  name,
  needs,
  migrations: {},
  setup: () => Promise.resolve({ ...parts, api: { name } }),
});
const names = (modules: readonly Module[]): readonly string[] => modules.map(({ name }) => name);

describe('sortModules', () => {
  it('puts modules after those they need, and otherwise keeps the order of the list', () => {
    const list = [module('c', ['a', 'b']), module('d'), module('b', ['a']), module('a')];
    expect(names(sortModules(list))).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('refuses a cycle and names it', () => {
    const list = [module('x', ['a']), module('a', ['b']), module('b', ['c']), module('c', ['a'])];
    expect(() => sortModules(list)).to.throw('modules: a needs b needs c needs a.');
    expect(() => sortModules([module('a', ['a'])])).to.throw('modules: a needs a.');
  });

  it('refuses a need that is not in the list, and two modules of one name', () => {
    expect(() => sortModules([module('a', ['b'])])).to.throw('modules: a needs b, which is not in the list');
    expect(() => sortModules([module('a'), module('a')])).to.throw('two modules are named a');
  });
});

describe('setUpModules', () => {
  const start = async (modules: readonly Module[]) => {
    const kernel = await testKernel();
    const lifecycle = createLifecycle(pino({ level: 'silent' }));
    lifecycle.push('store', () => kernel.store.close());
    return { lifecycle, run: () => setUpModules(kernel, lifecycle, modules) };
  };

  it('hands each module the apis it needs, and no others', async () => {
    let given: unknown;
    const asking: Module = {
      ...module('c', ['a']),
      setup: (_, needs) => Promise.resolve({ api: (given = needs) }),
    };
    const { lifecycle, run } = await start([asking, module('b'), module('a')]);
    await run();
    expect(given).to.deep.equal({ a: { name: 'a' } });
    await lifecycle.close();
  });

  it('stops and closes in reverse order, and closes what was set up when a later module fails', async () => {
    const log: string[] = [];
    const parts = (name: string): Parts => ({
      start: () => void log.push(`start ${name}`),
      stop: () => void log.push(`stop ${name}`),
      close: () => void log.push(`close ${name}`),
    });
    const list = [module('a', [], parts('a')), module('b', ['a'], parts('b'))];
    const good = await start(list);
    await (await good.run()).start();
    await Promise.all([good.lifecycle.close(), good.lifecycle.close()]);
    expect(log).to.deep.equal(['start a', 'start b', 'stop b', 'stop a', 'close b', 'close a']);

    log.length = 0;
    const failing: Module = { ...module('c', ['b']), setup: () => Promise.reject(new Error('no disk')) };
    const bad = await start([...list, failing]);
    const error = await bad.run().catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error).with.property('message', 'no disk');
    await bad.lifecycle.close();
    expect(log).to.deep.equal(['close b', 'close a']);
  });
});

describe('createLifecycle', () => {
  it('closes the rest when a step throws', async () => {
    const lifecycle = createLifecycle(pino({ level: 'silent' }));
    const closed: string[] = [];
    lifecycle.push('first', () => closed.push('first'));
    lifecycle.push('broken', () => {
      throw new Error('stuck');
    });
    lifecycle.push('last', async () => {
      await Promise.resolve();
      closed.push('last');
    });
    await lifecycle.close();
    expect(closed).to.deep.equal(['last', 'first']);
  });
});
