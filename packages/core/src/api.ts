// everything but createClient, which each platform's entry adds
export type { Client, ClientBase, ClientOptions, CreateClient } from './client.js';
export { chunksOf, isWebStream } from './chunks.js';
export { systemClock, type Clock } from './clock.js';
export type { Token, TokenContext, TokenFunction } from './credentials/token.js';
export { refreshToken, type RefreshTokenOptions } from './credentials/refresh-token.js';
export { createClientFor } from './create-client.js';
export type { EnvironmentCheck, EnvironmentOptions } from './environment/inspect.js';
export { isSdkError, sdkError, type ErrorCode, type SdkError, type SdkErrorFields } from './errors.js';
export { createEventSource, type EventOutlet, type EventSource } from './event-source.js';
export { createEmitter, type Emitter, type Listenable } from './events.js';
export type * from './host.js';
export { fetchForEvent, isExpectedRefusal } from './fetch-for-event.js';
export { createKeyedQueue, type KeyedQueue } from './keyed-queue.js';
export { silentLogger, type Logger } from './log.js';
export { createLogBuffer, type LogBuffer, type LogBufferOptions, type LogLine } from './log-buffer.js';
export type { Socket, SocketConstructor, SocketEvents, SocketLike, SocketState } from './mercury/socket.js';
export type { SocketSharing } from './mercury/link.js';
export { createList, linksIn, type List, type Page } from './paging.js';
export {
  checkPlugin,
  definePlugin,
  type Added,
  type NotCalled,
  type Uncalled,
  type Plugin,
  type PluginFactory,
  type PluginOrPlugins,
} from './plugin.js';
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
export { redact } from './redact.js';
export { MAX_SERVER_WAIT_MS, retryAfterMs } from './request/rate-limits.js';
export {
  registerPlugin,
  registeredPlugins,
  type RegisteredFactory,
  type RegisteredPlugins,
} from './registry.js';
export * from './storage.js';
export { sharedSocket, type SharedSocketOptions } from './shared-socket/shared-socket.js';
export { createResource, needs, type Identified, type Resource } from './resource.js';
export { VERSION } from './version.js';
export { randomUuid } from './uuid.js';
export { backoffMs, deferred, race, sleep, type Deferred } from './wait.js';
