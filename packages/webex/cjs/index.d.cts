import all = require('../dist/cjs/index.js');

// require() gives the class itself; everything else is on it
declare class Webex extends all.Webex {}
declare namespace Webex {
  export import Webex = all.Webex;
  export { Webex as default };
  export import init = all.init;
  export import version = all.version;
  export import registerPlugin = all.registerPlugin;
  export import registerInternalPlugin = all.registerInternalPlugin;
  export import Token = all.Token;
  export import ShareActivity = all.ShareActivity;
  export import Events = all.Events;
  export import Page = all.Page;
  export import WebexHttpError = all.WebexHttpError;
  export import WebexPlugin = all.WebexPlugin;
  export import Interceptor = all.Interceptor;
  export import InvalidUserCreation = all.InvalidUserCreation;
  export import PresenceWorker = all.PresenceWorker;
  export import buildRoomInfo = all.buildRoomInfo;
  export import buildRoomInfoList = all.buildRoomInfoList;
  export type TokenDetails = all.TokenDetails;
  export type UploadLogsResponse = all.UploadLogsResponse;
  export type RoomObject = all.RoomObject;
  export type RoomInfoObject = all.RoomInfoObject;
  export type RoomsList = all.RoomsList;
  export type MessageObject = all.MessageObject;
  export type MembershipObject = all.MembershipObject;
  export type PersonObject = all.PersonObject;
  export type TeamObject = all.TeamObject;
  export type TeamMembershipObject = all.TeamMembershipObject;
  export type WebhookObject = all.WebhookObject;
  export type AttachmentActionObject = all.AttachmentActionObject;
  export type PresenceStatusObject = all.PresenceStatusObject;
  export type PresenceStatusesObject = all.PresenceStatusesObject;
  export type IPresence = all.IPresence;
  export type LoggerConfig = all.LoggerConfig;
  export type Internal = all.Internal;
  export type WebexAttrs = all.WebexAttrs;
  export type WebexConfig = all.WebexConfig;
  export type TokenFields = all.TokenFields;
  export type ThreadBatch = all.ThreadBatch;
  export type ThreadItem = all.ThreadItem;
  export type ThreadWalk = all.ThreadWalk;
  export type Emits = all.Emits;
  export type OfficialProperty = all.OfficialProperty;
  export type PluginClass<T extends all.WebexPlugin = all.WebexPlugin> = all.PluginClass<T>;
  export type PluginDefinition = all.PluginDefinition;
  export type PluginOptions = all.PluginOptions;
  export type EventEnvelope<T = unknown> = all.EventEnvelope<T>;
  export type PublicEventData = all.PublicEventData;
  export type QrLoginEvent = all.QrLoginEvent;
  export type RegisterOptions = all.RegisterOptions;
  export type OfficialInterceptor = all.OfficialInterceptor;
  export type OfficialRequest = all.OfficialRequest;
  export type OfficialResponse<T = unknown> = all.OfficialResponse<T>;
}
export = Webex;
