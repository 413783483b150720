// Meetings over real identity, devices and rooms; sockets only write down what they were handed.
import type { Locus, LocusDelta } from '@trunkline/wire';
import { unmaskBase, maskBase, urlsAt, deviceUrl } from '../../kernel/http/urls.js';
import { fakeModule, openTestStore, startModules, testBase, testKernel } from '../../kernel/harness.test.js';
import { ApiError } from '../../kernel/http/errors.js';
import { conversation } from '../conversation/index.js';
import { devices } from '../devices/index.js';
import { features } from '../features/index.js';
import { audience } from '../audience/index.js';
import { files } from '../files/index.js';
import { identity as identityModule } from '../identity/index.js';
import { kms } from '../kms/index.js';
import type { User } from '../identity/api.js';
import type { MeetingPlace, MeetingsApi } from '../meetings/api.js';
import type { Mercury, NewEvent } from '../mercury/api.js';
import { locus } from './index.js';
import type { MediaServer } from '@trunkline/media-server';

export const urls = urlsAt(testBase);

export interface Attendee extends User {
  readonly token: string;
  /** URL of the registered device */
  readonly device: string;
}
export interface Answer<T = { locus: Locus; mediaConnections: { mediaId: string; remoteSdp?: string }[] }> {
  readonly status: number;
  /** the header that says where the next page is */
  readonly link?: string | undefined;
  readonly body: T & { errorCode?: number; message?: string };
}
/** What a person's sockets were handed. */
export type Frame = NewEvent['data'] & {
  readonly locus?: Locus | LocusDelta;
  readonly message?: { messageType: string };
};

export async function startMeetings(server?: MediaServer) {
  let nowMs = Date.parse('2026-01-01T09:00:00.000Z');
  const store = await openTestStore();
  const kernel = await testKernel({}, { store, now: () => nowMs });
  const frames = new Map<string, Frame[]>();
  const connected = new Set<string>();
  const hand = (userId: string, data: NewEvent['data']): void => {
    const text = unmaskBase(maskBase(data), testBase);
    frames.set(userId, [...(frames.get(userId) ?? []), JSON.parse(text) as Frame]);
  };
  const mercury: Partial<Mercury> = {
    append: () => Promise.resolve(1),
    head: () => Promise.resolve(0),
    sendToUsers: (ids, data) => {
      for (const id of ids) hand(id, data);
    },
    sendToDevice: (userId, _device, data) => {
      hand(userId, data);
      return true;
    },
    deviceConnected: (id) => connected.has(id),
    deviceRemoved: () => undefined,
    membershipChanged: () => undefined,
  };
  const places = new Map<
    string,
    MeetingPlace & { readonly waits?: readonly string[]; readonly key?: string }
  >();
  const meetings: MeetingsApi = {
    find: (address) => Promise.resolve(places.get(address)),
    show: (_urls, { title }) => ({ meetingName: title }),
    byScheduledId: (id) =>
      Promise.resolve([...places.values()].find(({ scheduledId }) => scheduledId === id)),
    enter: (place, who) => {
      const { waits = [] } = places.get(place.sipAddress) ?? {};
      return Promise.resolve({
        isHost: place.hostUserId === who.userId,
        mustWait: who.isGuest || waits.includes(who.userId),
      });
    },
    isHostKey: (place, key) =>
      Promise.resolve(key !== undefined && places.get(place.sipAddress)?.key === key),
  };
  const running = await startModules(kernel, [
    audience,
    identityModule,
    fakeModule('mercury', mercury),
    kms,
    files,
    conversation,
    features,
    devices,
    fakeModule('meetings', meetings),
    fakeModule('media', {
      server: () =>
        server === undefined
          ? Promise.reject(new ApiError(501, 'This service has no sound and picture.'))
          : Promise.resolve(server),
    }),
    locus,
  ]);
  const { app } = running;
  const { identity } = running.apis;
  await app.ready();

  async function call<T = Answer['body']>(
    who: { readonly token: string } | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    payload?: object,
  ): Promise<Answer<T>> {
    const reply = await app.inject({
      method,
      url: url.replace(testBase, ''),
      headers: who === undefined ? {} : { authorization: `Bearer ${who.token}` },
      ...(payload === undefined ? {} : { payload }),
    });
    return {
      status: reply.statusCode,
      link: typeof reply.headers['link'] === 'string' ? reply.headers['link'] : undefined,
      body: (reply.payload === '' ? {} : JSON.parse(reply.payload)) as Answer<T>['body'],
    };
  }
  const base = `${urls.service('locus')}/loci`;
  const joinBody = (who: Attendee, more: object = {}): object => ({
    device: { url: who.device, deviceType: 'WEB' },
    correlationId: `of ${who.display_name}`,
    ...more,
  });
  return {
    call,
    joinBody,
    base,
    places,
    frames,
    connected,
    kernel,
    /** Lets time pass. */
    tick: (ms: number): void => {
      nowMs += ms;
    },
    start: () => running.start(),
    /** The newest frame of a person. */
    last: (who: Attendee): Frame | undefined => frames.get(who.id)?.at(-1),
    person: async (name: string): Promise<Attendee> => {
      const user = await identity.users.create({
        email: `${name}@example.com`,
        displayName: name,
      });
      const { accessToken: token } = await identity.tokens.grant(user.id, {});
      const registered = await call<{ url: string }>({ token }, 'POST', `${urls.service('wdm')}/devices`, {});
      const known = await identity.userById(user.id);
      const device = registered.body.url;
      connected.add(device.slice(-36));
      return { ...(known ?? user), token, device };
    },
    place: (
      host: Attendee,
      more: Partial<MeetingPlace> & { waits?: readonly string[]; key?: string } = {},
    ) => {
      const place = {
        kind: 'scheduled' as const,
        scheduledId: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
        title: 'Standup',
        orgId: host.org_id,
        hostUserId: host.id,
        number: '25540000001',
        sipAddress: '25540000001@meet.example.com',
        isPersonalRoom: false,
        ...more,
      };
      places.set(place.sipAddress, place);
      return place;
    },
    join: (who: Attendee, address: string, more: object = {}): Promise<Answer> =>
      call(who, 'POST', `${base}/call`, joinBody(who, { invitee: { address }, ...more })),
    close: async (): Promise<void> => {
      await running.lifecycle.close();
      await store.close();
    },
  };
}
export const otherDevice = (): string => deviceUrl(urls, '00000000-0000-4000-8000-000000000000');
