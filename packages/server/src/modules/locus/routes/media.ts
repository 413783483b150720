import { type RoapMessage, turnDiscoveryResponse } from '@trunkline/wire';
import { randomUUID } from 'node:crypto';
import { badRequest } from '../../../kernel/http/errors.js';
import { servicePaths } from '../../../kernel/http/urls.js';
import type { Routes } from '../../../kernel/module.js';
import type { Mercury } from '../../mercury/api.js';
import type { Conferences } from '../media/conferences.js';
import { type LocalMedia, readLocalMedia } from '../media/messages.js';
import type { LiveMeetings } from '../live.js';
import { participantById, type Meeting } from '../model.js';
import { requireDevice, setLocalMute } from '../rules/media.js';
import type { Seats } from '../seats.js';

interface MediaConnection {
  readonly mediaId: string;
  readonly type: 'SDP';
  readonly remoteSdp?: string;
}

const connection = (mediaId: string, message?: RoapMessage): MediaConnection => ({
  mediaId,
  type: 'SDP',
  ...(message !== undefined && { remoteSdp: JSON.stringify({ roapMessage: message }) }),
});

/** What a join answers to the media of its body: media itself comes later, by `PUT …/media`. */
export function firstConnection(media: LocalMedia | undefined, mediaId: string): readonly MediaConnection[] {
  const isDiscovery = media?.roap?.messageType === 'TURN_DISCOVERY_REQUEST';
  return [connection(mediaId, isDiscovery ? turnDiscoveryResponse() : undefined)];
}

/** ROAP and mutes of a participant. @source protocol/meetings-media.md §2 */
export function mediaRoutes(
  seats: Seats,
  live: LiveMeetings,
  conferences: Conferences,
  mercury: Pick<Mercury, 'sendToDevice'>,
): Routes {
  const path = `${servicePaths.locus}/loci/:id/participant/:participantId/media`;

  /** Carries a message out. The first answer goes into the response; others follow by the socket. */
  async function exchange(
    meeting: Meeting,
    participantId: string,
    deviceKey: string,
    { mediaId, roap }: LocalMedia & { readonly roap: RoapMessage },
  ): Promise<MediaConnection> {
    const { participant, device } = requireDevice(meeting, participantId, deviceKey);
    // an empty id asks for a new one: a new peer connection follows
    const id = mediaId === '' ? randomUUID() : mediaId;
    if (roap.messageType === 'TURN_DISCOVERY_REQUEST') return connection(id, turnDiscoveryResponse());
    const [first, ...rest] = await conferences.receive(meeting, deviceKey, id, roap);
    for (const message of rest)
      mercury.sendToDevice(participant.userId ?? '', deviceKey, {
        eventType: 'locus.message.roap',
        correlationId: device.correlationId,
        message,
      });
    return connection(id, first);
  }

  return (app) => {
    app.put<{ Params: { id: string; participantId: string } }>(path, async (request) => {
      const seat = await seats.of(request);
      const { id, participantId } = request.params;
      const { caller, meeting } = seat;
      seats.own(seat, participantId);
      const deviceKey = await seats.device(request.body, caller);
      const media = readLocalMedia(request.body);
      if (media === undefined) throw badRequest('localMedias must have an element.');
      requireDevice(meeting, participantId, deviceKey);
      const { roap, audioMuted: audio, videoMuted: video } = media;
      // muted before anything flows
      const muted = await live.change(id, (before) => setLocalMute(before, participantId, { audio, video }));
      const answer =
        roap === undefined
          ? connection(media.mediaId)
          : await exchange(muted, participantId, deviceKey, { ...media, roap });
      const after = (await live.find(id)) ?? muted;
      return {
        ...seats.locus(request, after, participantById(after, participantId)?.userId ?? ''),
        mediaConnections: [answer],
      };
    });
  };
}
