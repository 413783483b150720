import { expect } from 'chai';
import sinon from 'sinon';
import { defineState, of } from './index.js';

const Meeting = defineState({
  props: { title: 'string', isLocked: { type: 'boolean', default: false } },
  session: {
    phase: { type: 'string', values: ['lobby', 'in', 'left'], default: 'lobby' },
    people: { type: 'array', default: () => [] },
    link: of<URL>(),
  },
  derived: {
    label: {
      deps: ['title', 'isLocked'],
      get: ({ title, isLocked }) => `${title ?? ''}${isLocked ? ' (locked)' : ''}`,
    },
  },
});

describe('defineState', () => {
  it('holds what it was made with, defaults, and derived values', () => {
    const meeting = new Meeting({ title: 'Ops' });
    expect(meeting.title).to.equal('Ops');
    expect(meeting.isLocked).to.equal(false);
    expect(meeting.label).to.equal('Ops');
    expect(meeting.link).to.equal(undefined);
    expect(new Meeting().people).not.to.equal(new Meeting().people);
    expect(Meeting.keys).to.deep.equal(['title', 'isLocked', 'phase', 'people', 'link', 'label']);
  });
  it('emits a change once, also of derived properties, and one event for all at the end', () => {
    const meeting = new Meeting({ title: 'Ops' });
    const heard: unknown[] = [];
    for (const event of ['change:title', 'change:isLocked', 'change:label'] as const)
      meeting.on(event, (value) => heard.push([event, value]));
    meeting.on('change', (value) => heard.push(['change', value]));
    meeting.set({ title: 'Dev', isLocked: true });
    meeting.set({ isLocked: true });
    expect(heard).to.deep.include.members([
      ['change:title', 'Dev'],
      ['change:isLocked', true],
      ['change:label', 'Dev (locked)'],
      ['change', undefined],
    ]);
    expect(heard.filter((each) => (each as unknown[])[0] === 'change')).to.have.length(1);
    expect(heard[heard.length - 1]).to.deep.equal(['change', undefined]);
  });
  it('computes a derived value once, until what it depends on changes', () => {
    const get = sinon.spy(({ n }: { readonly n: number }) => n * 2);
    const Twice = defineState({
      props: { n: { type: 'number', default: 1 }, m: 'number' },
      derived: { twice: { deps: ['n'], get } },
    });
    const twice = new Twice();
    expect([twice.twice, twice.twice]).to.deep.equal([2, 2]);
    twice.set({ m: 5 });
    expect(twice.twice).to.equal(2);
    sinon.assert.calledOnce(get);
    twice.set({ n: 4 });
    expect(twice.twice).to.equal(8);
    sinon.assert.calledTwice(get);
  });
  it('derives from derived', () => {
    const Chain = defineState({
      props: { n: { type: 'number', default: 1 } },
      derived: {
        even: { deps: ['n'], get: ({ n }) => n % 2 === 0 },
        word: {
          deps: ['even'],
          get: (values) => ((values as unknown as { even: boolean }).even ? 'even' : 'odd'),
        },
      },
    });
    const chain = new Chain();
    const heard = sinon.spy();
    chain.on('change:word', heard);
    chain.set({ n: 2 });
    sinon.assert.calledOnceWithExactly(heard, 'even');
  });

  // ampersand-state alone: stops there, and derived properties of later listeners stay behind
  it('goes on after a listener that throws, and says so', () => {
    const onError = sinon.spy();
    const meeting = new Meeting({ title: 'Ops' }, { onError });
    const later = [sinon.spy(), sinon.spy(), sinon.spy()] as const;
    const mine = new Error('mine');
    meeting.on('change:isLocked', () => {
      throw mine;
    });
    meeting.on('change:isLocked', later[0]);
    meeting.on('change:label', later[1]);
    meeting.on('change', later[2]);
    meeting.set({ isLocked: true });
    for (const each of later) sinon.assert.calledOnce(each);
    sinon.assert.calledOnceWithExactly(onError, mine, 'change:isLocked');
  });
  // ampersand-state alone: takes its own listeners for the user's
  it('keeps derived properties alive through off() without arguments', () => {
    const meeting = new Meeting({ title: 'Ops' });
    const gone = sinon.spy();
    meeting.on('change:label', gone);
    meeting.on('change', gone);
    meeting.off();
    meeting.set({ isLocked: true });
    sinon.assert.notCalled(gone);
    expect(meeting.label).to.equal('Ops (locked)');
    const heard = sinon.spy();
    meeting.on('change:label', heard);
    meeting.set({ isLocked: false });
    sinon.assert.calledOnceWithExactly(heard, 'Ops');
  });
  // ampersand-state alone: silent
  it('refuses a key it does not know, wherever it comes from', () => {
    const unknown = { colour: 'red' } as never;
    const meeting = new Meeting();
    expect(() => new Meeting(unknown)).to.throw(TypeError, 'colour');
    expect(() => {
      meeting.set(unknown);
    }).to.throw(TypeError, 'colour');
    expect(() => {
      meeting.set({ label: 'mine' } as never);
    }).to.throw(TypeError, 'label');
    expect(() => Object.assign(meeting, unknown)).to.throw(TypeError);
    expect(() => Object.assign(meeting, { title: 'by assignment' })).to.throw(TypeError);
  });
  // ampersand-state alone: half of it is taken, and no `change` comes ever after
  it('takes all of a set or nothing, and lives on after a refusal', () => {
    const meeting = new Meeting({ title: 'Ops' });
    const heard = sinon.spy();
    meeting.on('change', heard);
    for (const bad of [
      { title: 'Dev', isLocked: 'yes' },
      { title: 'Dev', phase: 'nowhere' },
    ])
      expect(() => {
        meeting.set(bad as never);
      }).to.throw(TypeError);
    expect(meeting.toJSON()).to.deep.equal({ title: 'Ops', isLocked: false });
    sinon.assert.notCalled(heard);
    meeting.set({ title: 'Dev' });
    sinon.assert.calledOnce(heard);
  });
  it('survives a derived property that throws', () => {
    const onError = sinon.spy();
    const Bad = defineState({
      props: { n: { type: 'number', default: 1 } },
      derived: {
        bad: {
          deps: ['n'],
          get: ({ n }): number => {
            if (n > 1) throw new Error('too much');
            return n;
          },
        },
        good: { deps: ['n'], get: ({ n }) => n + 1 },
      },
    });
    const model = new Bad({}, { onError });
    expect(model.bad).to.equal(1);
    const heard = sinon.spy();
    model.on('change:good', heard);
    model.set({ n: 2 });
    expect(model.bad).to.equal(undefined);
    sinon.assert.calledOnceWithExactly(heard, 3);
    expect(onError.args[0]?.[1]).to.equal('derived bad');
  });
  it('lets a listener change the model', () => {
    const meeting = new Meeting();
    meeting.on('change:isLocked', () => {
      meeting.set({ title: 'Locked' });
    });
    const heard = sinon.spy();
    meeting.on('change:title', heard);
    meeting.set({ isLocked: true });
    sinon.assert.calledOnceWithExactly(heard, 'Locked');
  });
  it('lets a listener go: by what `on` answers, by signal, by once, by name', () => {
    const meeting = new Meeting();
    const stop = new AbortController();
    const [a, b, c, d, e] = [sinon.spy(), sinon.spy(), sinon.spy(), sinon.spy(), sinon.spy()] as const;
    const off = meeting.on('change:title', a);
    meeting.on('change:title', b, { signal: stop.signal });
    meeting.once('change:title', c);
    meeting.on('change:title', d);
    meeting.on('change:title', e);
    meeting.set({ title: '1' });
    off();
    stop.abort();
    meeting.off('change:title', d);
    meeting.set({ title: '2' });
    for (const each of [a, b, c, d]) sinon.assert.calledOnce(each);
    sinon.assert.calledTwice(e);
    meeting.off('change:title');
    meeting.set({ title: '3' });
    sinon.assert.calledTwice(e);
    meeting.on('change:title', a, { signal: AbortSignal.abort() });
    meeting.set({ title: '4' });
    sinon.assert.calledOnce(a);
  });
  it('serialises its props only', () => {
    expect(JSON.stringify(new Meeting({ title: 'Ops', phase: 'in' }))).to.equal(
      '{"title":"Ops","isLocked":false}',
    );
  });
  it('refuses a definition that cannot work', () => {
    expect(() => defineState({ props: { on: 'string' } })).to.throw(TypeError, "'on'");
    expect(() =>
      defineState({ props: { a: 'string' }, derived: { b: { deps: ['c'], get: () => 1 } } }),
    ).to.throw(TypeError, "'c'");
    expect(() =>
      defineState({ props: { a: 'string' }, derived: { a: { deps: ['a'], get: () => 1 } } }),
    ).to.throw(TypeError, "'a'");
  });
});
