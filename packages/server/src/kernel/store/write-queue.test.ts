import { expect } from 'chai';
import type { Kysely } from 'kysely';
import type { Database } from './schema.js';
import { createWriteQueue } from './write-queue.js';

const db = Object.create(null) as Kysely<Database>;
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the write queue', () => {
  const said: string[] = [];
  const queueThat = (fails?: string) =>
    createWriteQueue(db, (text) => {
      said.push(text);
      if (text === fails) throw new Error(`no ${text}`);
    });
  beforeEach(() => {
    said.length = 0;
  });
  const say = (text: string) => () => {
    said.push(text);
    return Promise.resolve(text);
  };

  it('commits what waits together once, in order, each behind a savepoint', async () => {
    const { write } = queueThat();
    const results = await Promise.all([write(say('a')), write(say('b'))]);
    expect(results).to.deep.equal(['a', 'b']);
    expect(said).to.deep.equal([
      ...['begin immediate', 'savepoint w', 'a', 'release w', 'savepoint w', 'b', 'release w', 'commit'],
    ]);
  });

  it('undoes a write that throws, and no other', async () => {
    const { write } = queueThat();
    const bad = rejection(
      write(() => {
        said.push('bad');
        return Promise.reject(new Error('bad'));
      }),
    );
    const good = write(say('good'));
    expect(await bad).to.have.property('message', 'bad');
    expect(await good).to.equal('good');
    expect(said.slice(1, 5)).to.deep.equal(['savepoint w', 'bad', 'rollback to w', 'release w']);
    expect(said.at(-1)).to.equal('commit');
  });

  it('runs afterCommit after COMMIT, before the answer, and never for what was undone', async () => {
    const { write } = queueThat();
    const noted = (text: string, fails: boolean) =>
      write((self) => {
        self.afterCommit(() => said.push(`after ${text}`));
        return fails ? Promise.reject(new Error(text)) : Promise.resolve();
      }).then(
        () => said.push(`answer ${text}`),
        () => said.push(`refusal ${text}`),
      );
    await Promise.all([noted('a', false), noted('b', true)]);
    expect(said.indexOf('after a')).to.be.above(said.indexOf('commit'));
    expect(said.indexOf('answer a')).to.be.above(said.indexOf('after a'));
    expect(said).to.include('refusal b');
    expect(said).not.to.include('after b');
  });

  describe('with writes that may run again', () => {
    let changes = 0;
    let undone = 0;
    beforeEach(() => {
      changes = 0;
      undone = 0;
    });
    const queue = () =>
      createWriteQueue(db, (text) => said.push(text), {
        changes: () => changes,
        undone: () => (undone += 1),
      });
    const change =
      (text: string, fails = false) =>
      () => {
        said.push(text);
        changes += 1;
        return fails ? Promise.reject(new Error(text)) : Promise.resolve(text);
      };
    const refuse = (text: string) => () => {
      said.push(text);
      return Promise.reject(new Error(text));
    };
    const repeatable = true;

    it('puts neighbours behind one savepoint, and others behind their own', async () => {
      const { write } = queue();
      await Promise.all([
        write(change('a'), { repeatable }),
        write(change('b'), { repeatable }),
        write(change('c')),
      ]);
      expect(said).to.deep.equal([
        ...[
          'begin immediate',
          'savepoint w',
          'a',
          'b',
          'release w',
          'savepoint w',
          'c',
          'release w',
          'commit',
        ],
      ]);
      expect(undone).to.equal(0);
    });

    it('fails one that changed nothing by itself', async () => {
      const { write } = queue();
      const results = await Promise.allSettled([
        write(change('a'), { repeatable }),
        write(refuse('b'), { repeatable }),
        write(change('c'), { repeatable }),
      ]);
      expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect(said).to.deep.equal([
        ...['begin immediate', 'savepoint w', 'a', 'b', 'c', 'release w', 'commit'],
      ]);
    });

    it('undoes all when one changed something and threw, and does them again one by one, reported once', async () => {
      const { write } = queue();
      let told = 0;
      const results = await Promise.allSettled([
        write(
          (self) => {
            self.afterCommit(() => (told += 1));
            return change('a')();
          },
          { repeatable },
        ),
        write(change('b', true), { repeatable }),
        write(change('c'), { repeatable }),
      ]);
      expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect(said).to.deep.equal([
        ...['begin immediate', 'savepoint w', 'a', 'b', 'rollback to w', 'release w'],
        ...['savepoint w', 'a', 'release w', 'savepoint w', 'b', 'rollback to w', 'release w'],
        ...['savepoint w', 'c', 'release w', 'commit'],
      ]);
      expect({ told, undone }).to.deep.equal({ told: 1, undone: 2 });
    });
  });

  it('fails every write of a commit that fails, and goes on', async () => {
    let full = true;
    const { write } = createWriteQueue(db, (text) => {
      if (text === 'commit' && full) throw new Error('disk full');
    });
    let noticed = false;
    const first = rejection(
      write((self) => {
        self.afterCommit(() => (noticed = true));
        return Promise.resolve();
      }),
    );
    const second = rejection(write(say('b')));
    expect(await first).to.have.property('message', 'disk full');
    expect(await second).to.have.property('message', 'disk full');
    expect(noticed).to.equal(false);
    full = false;
    expect(await write(say('c'))).to.equal('c');
  });

  it('fails what waits when no transaction can begin', async () => {
    const { write } = queueThat('begin immediate');
    expect(await rejection(write(say('a')))).to.have.property('message', 'no begin immediate');
    expect(said).not.to.include('a');
  });

  it('answers a durable write even when a notice of it throws, and goes on', async () => {
    const { write } = queueThat();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const result = await write((self) => {
      self.afterCommit(() => {
        throw new Error('deaf');
      });
      return Promise.resolve('kept');
    });
    expect(result).to.equal('kept');
    expect((await warned).message).to.equal('deaf');
    expect(await write(say('next'))).to.equal('next');
  });

  it('takes writes that are asked for while others run', async () => {
    const { write } = queueThat();
    let inner: Promise<string> | undefined;
    await write(() => {
      inner = write(say('inner'));
      return Promise.resolve();
    });
    expect(await inner).to.equal('inner');
  });

  it('finishes what is queued when it closes, and refuses what comes after', async () => {
    const queue = queueThat();
    const { write } = queue;
    const queued = write(say('a'));
    await queue.close();
    expect(said).to.include('commit');
    expect(await queued).to.equal('a');
    expect(await rejection(write(say('b')))).to.have.property('message', 'the store is closed');
  });
});
