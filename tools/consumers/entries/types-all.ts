// Every package that runs in browsers, workers and Node: the declarations must not need the types of one of them.
import * as attachmentActions from '@trunkline/attachment-actions';
import * as auth from '@trunkline/auth';
import * as conversation from '@trunkline/conversation';
import * as core from '@trunkline/core';
import * as devices from '@trunkline/devices';
import * as encryption from '@trunkline/encryption';
import * as memberships from '@trunkline/memberships';
import * as messages from '@trunkline/messages';
import * as people from '@trunkline/people';
import * as presence from '@trunkline/presence';
import * as rooms from '@trunkline/rooms';
import * as state from '@trunkline/state';
import * as support from '@trunkline/support';
import * as teams from '@trunkline/teams';
import * as webex from '@trunkline/webex';
import * as webhooks from '@trunkline/webhooks';
import * as wire from '@trunkline/wire';

export const identity = [core, wire, auth, state, encryption, conversation, rooms, messages, memberships];
export const rest = [people, teams, webhooks, attachmentActions, presence, devices, support, webex];

// the type names of the official API texts
export type Documented = [
  webex.RoomObject,
  webex.RoomInfoObject,
  webex.RoomsList,
  webex.MessageObject,
  webex.MembershipObject,
  webex.PersonObject,
  webex.TeamObject,
  webex.TeamMembershipObject,
  webex.WebhookObject,
  webex.AttachmentActionObject,
  webex.PresenceStatusObject,
  webex.PresenceStatusesObject,
  webex.IPresence,
  webex.LoggerConfig,
];
