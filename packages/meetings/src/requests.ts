// The calls of a meeting. Pure: what is asked of the service, not how it goes. @source protocol/meetings-signalling.md §4
import type { RequestOptions } from '@trunkline/core';
import type { Locus, LocusSequence } from '@trunkline/wire';

/** What calls need to know of the meeting as it is. */
export interface RequestContext {
  readonly locusUrl: string;
  readonly selfUrl: string;
  readonly selfId: string;
  readonly deviceUrl: string;
  readonly correlationId: string;
  readonly sequence: LocusSequence | undefined;
}

/** Answer of most calls. */
export interface LocusAnswer {
  readonly locus?: Locus;
}
/** Answer of a join and of media. */
export interface JoinAnswer extends LocusAnswer {
  readonly locus: Locus;
  readonly mediaConnections?: readonly { readonly mediaId?: string; readonly remoteSdp?: string }[];
}

const deviceType = 'WEB';
const device = ({ deviceUrl }: Pick<RequestContext, 'deviceUrl'>): object => ({ url: deviceUrl, deviceType });
const withSequence = (context: RequestContext, body: object): object => ({
  ...body,
  ...(context.sequence !== undefined && { sequence: context.sequence }),
});

export interface JoinFields {
  readonly pin?: string | undefined;
  readonly moderator?: boolean | undefined;
  readonly alias?: string | undefined;
  readonly permissionToken?: string | undefined;
}

const joinBody = (
  { deviceUrl, correlationId }: Pick<RequestContext, 'deviceUrl' | 'correlationId'>,
  { pin, moderator, alias, permissionToken }: JoinFields,
): object => ({
  device: device({ deviceUrl }),
  usingResource: null,
  moveMediaToResource: false,
  correlationId,
  respOnlySdp: true,
  allowMultiDevice: true,
  ensureConversation: false,
  supportsNativeLobby: 1,
  clientMediaPreferences: { preferTranscoding: true, joinCookie: {}, ipver: 1 },
  ...(pin !== undefined && { pin }),
  ...(moderator !== undefined && { moderator }),
  ...(alias !== undefined && { alias }),
  ...(permissionToken !== undefined && { permissionToken }),
});

export const requests = {
  /** Creates the meeting, or joins the one that is held there. */
  call: (
    address: string,
    context: Pick<RequestContext, 'deviceUrl' | 'correlationId'>,
    fields: JoinFields,
  ): RequestOptions => ({
    method: 'POST',
    service: 'locus',
    path: 'loci/call',
    query: { alternateRedirect: true },
    body: { ...joinBody(context, fields), invitee: { address } },
  }),
  join: (
    locusUrl: string,
    context: Pick<RequestContext, 'deviceUrl' | 'correlationId'>,
    fields: JoinFields,
  ): RequestOptions => ({
    method: 'POST',
    url: `${locusUrl}/participant`,
    query: { alternateRedirect: true },
    body: joinBody(context, fields),
  }),
  alert: (context: RequestContext): RequestOptions => ({
    method: 'PUT',
    url: `${context.locusUrl}/participant/alert`,
    body: withSequence(context, { device: device(context), correlationId: context.correlationId }),
  }),
  decline: (context: RequestContext, reason: string | undefined): RequestOptions => ({
    method: 'PUT',
    url: `${context.locusUrl}/participant/decline`,
    body: withSequence(context, { device: device(context), ...(reason !== undefined && { reason }) }),
  }),
  leave: (context: RequestContext, reason: string | undefined): RequestOptions => ({
    method: 'PUT',
    url: `${context.selfUrl}/leave`,
    body: withSequence(context, {
      device: device(context),
      usingResource: null,
      correlationId: context.correlationId,
      ...(reason !== undefined && { reason }),
    }),
  }),
  end: (context: RequestContext): RequestOptions => ({
    method: 'POST',
    url: `${context.locusUrl}/end`,
    body: withSequence(context, {}),
  }),
  /** ROAP and mutes; `roap` left out: only the mutes. @source protocol/meetings-media.md §2 */
  media: (
    context: RequestContext,
    mediaId: string,
    said: { readonly audioMuted: boolean; readonly videoMuted: boolean; readonly roapMessage?: object },
  ): RequestOptions => {
    const isRoap = said.roapMessage !== undefined;
    return {
      method: 'PUT',
      url: `${context.selfUrl}/media`,
      // a lost answer to an offer is asked for again with a higher number, by the exchange itself
      ...(!isRoap && { idempotent: true }),
      body: {
        device: device(context),
        correlationId: context.correlationId,
        localMedias: [{ mediaId, localSdp: JSON.stringify(said) }],
        ...(isRoap
          ? { clientMediaPreferences: { preferTranscoding: true, ipver: 1, joinCookie: {} } }
          : withSequence(context, { respOnlySdp: true, usingResource: null })),
      },
    };
  },
  /** Decides something for everyone. */
  controls: (context: RequestContext, controls: object): RequestOptions => ({
    method: 'PATCH',
    url: `${context.locusUrl}/controls`,
    body: withSequence(context, { ...controls, requestingParticipantId: context.selfId }),
  }),
  admit: (context: RequestContext, participantIds: readonly string[]): RequestOptions => ({
    method: 'PUT',
    url: `${context.locusUrl}/controls`,
    body: withSequence(context, { admit: { participantIds } }),
  }),
  memberControls: (context: RequestContext, memberId: string, controls: object): RequestOptions => ({
    method: 'PATCH',
    url: `${context.locusUrl}/participant/${encodeURIComponent(memberId)}/controls`,
    body: withSequence(context, controls),
  }),
  remove: (context: RequestContext, memberId: string): RequestOptions => ({
    method: 'PUT',
    url: `${context.locusUrl}/participant/${encodeURIComponent(memberId)}/leave`,
    body: withSequence(context, { reason: 'FORCED' }),
  }),
  alias: (context: RequestContext, memberId: string, aliasValue: string): RequestOptions => ({
    method: 'POST',
    url: `${context.locusUrl}/participant/${encodeURIComponent(memberId)}/alias`,
    body: withSequence(context, { aliasValue, requestingParticipantId: context.selfId }),
  }),
  invite: (context: RequestContext, addresses: readonly string[]): RequestOptions => ({
    method: 'PUT',
    url: context.locusUrl,
    body: withSequence(context, {
      invitees: addresses.map((address) => ({ address })),
      alertIfActive: true,
    }),
  }),
  cancelInvite: (context: RequestContext, address: string): RequestOptions => ({
    method: 'PUT',
    url: context.locusUrl,
    body: withSequence(context, { actionType: 'REMOVE', invitees: [{ address }] }),
  }),
  floor: (
    context: RequestContext,
    shareUrl: string,
    disposition: 'GRANTED' | 'RELEASED',
    shareInstanceId: string,
  ): RequestOptions => ({
    method: 'PUT',
    url: shareUrl,
    body: withSequence(context, {
      floor: {
        disposition,
        shareInstanceId,
        ...(disposition === 'GRANTED' && {
          beneficiary: { url: context.selfUrl, devices: [{ url: context.deviceUrl, deviceType }] },
          requester: { url: context.selfUrl },
        }),
      },
    }),
  }),
  sendDtmf: (context: RequestContext, tones: string, correlationId: string): RequestOptions => ({
    method: 'POST',
    url: `${context.selfUrl}/sendDtmf`,
    body: withSequence(context, { deviceUrl: context.deviceUrl, dtmf: { correlationId, tones } }),
  }),
  layout: (context: RequestContext, type: string): RequestOptions => ({
    method: 'PUT',
    url: `${context.selfUrl}/controls`,
    body: withSequence(context, { layout: { deviceUrl: context.deviceUrl, type } }),
  }),
  phone: (
    context: RequestContext,
    phone: { readonly url: string; readonly dialoutAddress?: string },
  ): RequestOptions => ({
    method: 'POST',
    url: `${context.locusUrl}/participant`,
    body: withSequence(context, {
      device: {
        deviceType: 'PROVISIONAL',
        provisionalType: phone.dialoutAddress === undefined ? 'DIAL_IN' : 'DIAL_OUT',
        ...phone,
        clientUrl: context.deviceUrl,
      },
      correlationId: context.correlationId,
    }),
  }),
  leavePhone: (context: RequestContext, url: string): RequestOptions => ({
    method: 'PUT',
    url: `${context.selfUrl}/leave`,
    body: withSequence(context, {
      device: { deviceType: 'PROVISIONAL', url },
      correlationId: context.correlationId,
    }),
  }),
  reaction: (context: RequestContext, url: string, reaction: object): RequestOptions => ({
    method: 'POST',
    url,
    body: { sender: { participantId: context.selfId }, reaction },
  }),
} as const;
