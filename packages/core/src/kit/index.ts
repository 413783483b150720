// What plugins are written with. Documented in docs/guides/write-a-plugin.md.
export {
  checkArguments,
  checkInit,
  expectObject,
  expectText,
  idIn,
  isRecord,
  unexpected,
  type ParameterRules,
} from './arguments.js';
export { createBoundedSet, type BoundedSet } from './bounded-set.js';
export { chunksOf, isWebStream } from './chunks.js';
export { createEventSource, type EventOutlet, type EventSource } from './event-source.js';
export { createEmitter, type Emitter } from './events.js';
export { createFanOut, type FanOut, type FanOutListener } from './fan-out.js';
export { fetchForEvent, isExpectedRefusal } from './fetch-for-event.js';
export { createKeyedQueue, type KeyedQueue } from './keyed-queue.js';
export { createLate, createLateList, lateMethods, type Late } from './late.js';
export { createLru, type Lru } from './lru.js';
export { createList, linksIn } from './paging.js';
export { redact } from './redact.js';
export { createResource, requireArgument, type Resource, type WithId } from './resource.js';
export { randomUuid } from './uuid.js';
export { backoffMs, deferred, race, sleep, type Deferred } from './wait.js';
export { MAX_SERVER_WAIT_MS, retryAfterMs } from '../kernel/request/rate-limits.js';
