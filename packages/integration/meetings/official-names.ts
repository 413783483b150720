// Runs in the page: code as it is written for the official client, with ours in its place.
import { Webex } from '@trunkline/webex';

type Meeting = Awaited<ReturnType<Webex['meetings']['create']>>;

interface Seat {
  readonly webex: Webex;
  meeting: Meeting | undefined;
  readonly events: string[];
  readonly streams: Record<string, MediaStream>;
}
let seat: Seat;

const watched = [
  'meeting:startedSharingRemote',
  'meeting:stoppedSharingRemote',
  'meeting:self:mutedByOthers',
  'meeting:locked',
  'meeting:unlocked',
  'meeting:recording:started',
  'meeting:recording:stopped',
] as const;

function watch(meeting: Meeting): void {
  seat.meeting = meeting;
  meeting.on('media:ready', ({ type, stream }: { type: string; stream: MediaStream }) => {
    seat.streams[type] = stream;
    seat.events.push(`media:ready ${type}`);
  });
  for (const event of watched) meeting.on(event, () => seat.events.push(event));
}
const meetingOf = (): Meeting => {
  if (seat.meeting === undefined) throw new Error('no meeting');
  return seat.meeting;
};
const waitFor = async (what: string, isTrue: () => boolean): Promise<void> => {
  for (const deadline = performance.now() + 15_000; !isTrue();) {
    if (performance.now() > deadline) throw new Error(`waited for: ${what}\n${seat.events.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const officialApi = {
  async open({ service, token }: { service: string; token: string }): Promise<void> {
    const webex = Webex.init({ credentials: { access_token: token }, config: { service } });
    if (!webex.ready) await new Promise((resolve) => webex.once('ready', resolve));
    seat = { webex, meeting: undefined, events: [], streams: {} };
    webex.meetings.on('meeting:added', ({ meeting, type }: { meeting: Meeting; type: string }) => {
      seat.events.push(`meeting:added ${type}`);
      watch(meeting);
    });
    webex.meetings.on('meeting:removed', ({ reason }: { reason: string }) =>
      seat.events.push(`meeting:removed ${reason}`),
    );
    await webex.meetings.register();
  },
  async join({ to }: { to: string }): Promise<void> {
    const meeting = await seat.webex.meetings.create(to);
    await meeting.join();
  },
  async addMedia(): Promise<void> {
    const { mediaHelpers } = seat.webex.meetings;
    const microphone = await mediaHelpers.createMicrophoneStream();
    const camera = await mediaHelpers.createCameraStream();
    await meetingOf().addMedia({ localStreams: { microphone, camera } });
  },
  async framesDecoded(): Promise<number> {
    let frames = 0;
    const report = await meetingOf().mediaProperties.webrtcMediaConnection?.getStats();
    report?.forEach((entry: { type: string; framesDecoded?: number }) => {
      if (entry.type === 'inbound-rtp') frames += entry.framesDecoded ?? 0;
    });
    return frames;
  },
  async untilEvent({ event }: { event: string }): Promise<void> {
    await waitFor(event, () => seat.events.includes(event));
  },
  memberId: ({ name }: { name: string }): Promise<string> =>
    Promise.resolve(
      Object.values(meetingOf().members.membersCollection.getAll()).find((one) => one.name === name)?.id ??
        '',
    ),
  async untilMember({ name, isHandRaised }: { name: string; isHandRaised: boolean }): Promise<void> {
    await waitFor(`${name} with a raised hand`, () =>
      Object.values(meetingOf().members.membersCollection.getAll()).some(
        (one) => one.name === name && one.isHandRaised === isHandRaised,
      ),
    );
  },
  async call({ name, args = [] }: { name: string; args?: readonly unknown[] }): Promise<void> {
    const methods = meetingOf() as unknown as Record<string, (...given: readonly unknown[]) => Promise<void>>;
    await methods[name]?.(...args);
  },
  async raiseHand(): Promise<void> {
    const meeting = meetingOf();
    await meeting.members.raiseOrLowerHand(meeting.selfId ?? '', true);
  },
  events: (): Promise<readonly string[]> => Promise.resolve(seat.events),
  close: (): Promise<void> => seat.webex.close(),
};
export type OfficialApi = typeof officialApi;
Object.assign(globalThis, { api: officialApi });
