// What clients are shown of a place. @source protocol/meetings-signalling.md §3.1
import type { Urls } from '../../kernel/http/urls.js';
import type { MeetingPlace } from './api.js';
import { meetingLink, sipAddressOf } from './places.js';

/** What a client needs for its form: nothing that only those with the password may know. */
export function showReachable(urls: Urls, place: MeetingPlace): object {
  const { number } = place;
  return {
    sipUrl: sipAddressOf(place),
    isPmr: place.isPersonalRoom,
    siteFullUrl: new URL(urls.base).host,
    supportVoIP: true,
    video: { supportHDV: true, supportHQV: true },
    ...(number !== undefined && {
      meetingJoinUrl: meetingLink(urls, number),
      meetingNumber: number,
      meetingId: number,
      confIdStr: number,
    }),
  };
}

/** All that those who may come in know. */
export const showPlace = (urls: Urls, place: MeetingPlace): object => ({
  ...showReachable(urls, place),
  meetingName: place.title,
  ...(place.hostUserId !== undefined && { owner: place.hostUserId, hostId: place.hostUserId }),
  ...(place.conversationId !== undefined && { conversationUrl: urls.conversation(place.conversationId) }),
});
