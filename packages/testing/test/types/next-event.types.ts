import { createEmitter, type EventSource } from '@trunkline/core/kit';
import { nextEvent } from '../../src/index.js';

const emitter = createEmitter<{ came: number }>(() => undefined);
export const came: Promise<number> = nextEvent(emitter, 'came', { where: (n) => n > 1 });
declare const source: EventSource<{ created: { readonly id: string } }>;
export const created: Promise<{ readonly id: string }> = nextEvent(source, 'created');
// @ts-expect-error there is no such event
export const gone = nextEvent(emitter, 'gone');
// @ts-expect-error a number, not any
export const text: Promise<string> = nextEvent(emitter, 'came');
