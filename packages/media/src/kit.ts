// What this package uses of core, in one place.
export { sdkError, systemClock } from '@trunkline/core';
export type { Clock, ErrorCode, Listenable, SdkError, SdkErrorFields } from '@trunkline/core';
export { createEmitter, deferred } from '@trunkline/core/kit';
export type { Deferred, Emitter } from '@trunkline/core/kit';
