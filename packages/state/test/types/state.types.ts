import { defineState, of } from '../../src/index.js';

const Meeting = defineState({
  props: {
    title: 'string',
    isLocked: { type: 'boolean', default: false },
    phase: { type: 'string', values: ['lobby', 'in'], default: 'lobby' },
  },
  session: { link: of<URL>(), tags: of<readonly string[]>(() => []) },
  derived: {
    label: { deps: ['title'], get: ({ title = '', isLocked }) => (isLocked ? title : title.length) },
  },
});
const meeting = new Meeting({ title: 'Ops' });

const title: string | undefined = meeting.title;
const locked: boolean = meeting.isLocked;
const phase: 'lobby' | 'in' = meeting.phase;
const label: string | number = meeting.label;
const link: URL | undefined = meeting.link;
const tags: readonly string[] = meeting.tags;
const off: () => void = meeting.on('change:isLocked', (value: boolean) => value);
meeting.on('change:label', (value: string | number) => value);
meeting.on('change', () => undefined);
export { title, locked, phase, label, link, tags, off };

// @ts-expect-error it may be unset
export const surely: string = meeting.title;
// @ts-expect-error not defined
meeting.set({ colour: 'red' });
// @ts-expect-error derived ones are not set
meeting.set({ label: 'x' });
// @ts-expect-error another kind
meeting.set({ isLocked: 'yes' });
// @ts-expect-error not one of the values
meeting.set({ phase: 'gone' });
// @ts-expect-error no such event
meeting.on('change:colour', () => undefined);
// @ts-expect-error not what it carries
meeting.on('change:isLocked', (value: string) => value);
// @ts-expect-error not defined
new Meeting({ colour: 'red' });
// @ts-expect-error nothing is assigned: set() says what changed
meeting.title = 'Dev';
