// What this package uses of core: one place, because helpers for plugin authors move to a subpath of core.
export { createEmitter, deferred, sdkError, systemClock } from '@trunkline/core';
export type {
  Clock,
  Deferred,
  Emitter,
  ErrorCode,
  Listenable,
  SdkError,
  SdkErrorFields,
} from '@trunkline/core';
