export { Webex, Webex as default, type Internal, type WebexAttrs } from './webex.js';
export { init, version } from './init.js';
export type { WebexConfig } from './config.js';
export { Token, type TokenDetails, type TokenFields } from './token.js';
export { InvalidUserCreation } from './conversation-errors.js';
export { ShareActivity } from './conversation-share.js';
export type { ThreadBatch, ThreadItem, ThreadWalk } from './conversation-threads.js';
export { Events, type Emits } from './events.js';
export { WebexHttpError } from './http-error.js';
export { Page } from './page.js';
export { PresenceWorker } from './presence-worker.js';
export { buildRoomInfo, buildRoomInfoList } from './room-info.js';
export type { UploadLogsResponse } from './support.js';
export type * from './types.js';
export {
  WebexPlugin,
  type OfficialProperty,
  type PluginClass,
  type PluginDefinition,
  type PluginOptions,
} from './plugin.js';
export type { EventEnvelope, PublicEventData } from './public-events.js';
export type { QrLoginEvent } from './qr-login.js';
export { registerInternalPlugin, registerPlugin, type RegisterOptions } from './registry.js';
export {
  InterceptorBase as Interceptor,
  type OfficialInterceptor,
  type OfficialRequest,
  type OfficialResponse,
} from './request.js';
