// everything but createClient, which each platform's entry adds
export type { Client, ClientBase, ClientOptions, CreateClient } from './kernel/client.js';
export { systemClock, type Clock } from './kernel/clock.js';
export type { Token, TokenContext, TokenFunction } from './kernel/credentials/token.js';
export { refreshToken, type RefreshTokenOptions } from './kernel/credentials/refresh-token.js';
export { createClientFor } from './kernel/create-client.js';
export type { EnvironmentCheck, EnvironmentOptions } from './environment/inspect.js';
export { isSdkError, sdkError, type ErrorCode, type SdkError, type SdkErrorFields } from './kernel/errors.js';
export type { EventSource } from './kit/event-source.js';
export type { Listenable } from './kit/events.js';
export type * from './kernel/host.js';
export { silentLogger, type Logger } from './kernel/log.js';
export { createLogBuffer, type LogBuffer, type LogBufferOptions, type LogLine } from './kit/log-buffer.js';
export type { Socket, SocketConstructor, SocketEvents, SocketLike, SocketState } from './kernel/socket.js';
export type { SocketSharing } from './realtime/transport.js';
export type { List, Page } from './kit/paging.js';
export {
  checkPlugin,
  definePlugin,
  type Added,
  type NotCalled,
  type Uncalled,
  type Plugin,
  type PluginFactory,
  type PluginOrPlugins,
} from './kernel/plugin.js';
export {
  registerPlugin,
  registeredPlugins,
  type RegisteredFactory,
  type RegisteredPlugins,
} from './kernel/registry.js';
export * from './storage/index.js';
export { sharedSocket, type SharedSocketOptions } from './realtime/shared-socket/shared-socket.js';
export { VERSION } from './kernel/version.js';
