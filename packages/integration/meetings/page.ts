// Runs in the page: one person in a meeting, with fake devices.
import { createClient } from '@trunkline/core';
import { media, type LocalSource } from '@trunkline/media';
import { meetings, type Meeting } from '@trunkline/meetings';

const make = (service: string, token: string) =>
  createClient({ service, token, plugins: [media(), meetings()] });

export interface Seat {
  readonly client: ReturnType<typeof make>;
  meeting: Meeting | undefined;
  microphone: LocalSource | undefined;
  camera: LocalSource | undefined;
  /** what happened, in order */
  readonly log: string[];
}
/** The picture of a stream: size, and whether it moves. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly isMoving: boolean;
  /** average colour, 0 to 255 each */
  readonly colour: readonly [number, number, number];
}

const seatOf = (): Seat => {
  const { seat } = globalThis as { seat?: Seat };
  if (seat === undefined) throw new Error('open() first');
  return seat;
};
const meetingOf = (): Meeting => {
  const { meeting } = seatOf();
  if (meeting === undefined) throw new Error('no meeting');
  return meeting;
};
const until = async (what: string, isTrue: () => boolean, withinMs = 15_000): Promise<void> => {
  for (const deadline = performance.now() + withinMs; !isTrue();) {
    if (performance.now() > deadline) throw new Error(`waited for: ${what}\n${seatOf().log.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

function watch(meeting: Meeting): void {
  const { log } = seatOf();
  seatOf().meeting = meeting;
  for (const name of ['callState', 'isInLobby', 'share', 'recording', 'endReason', 'isMutedByHost'] as const)
    meeting.state.on(`change:${name}`, (value: unknown) => {
      log.push(`${name} ${String(value)}`);
    });
  meeting.events.on('connection', ({ connection }) => {
    connection.on('state', ({ to }) => log.push(`connection ${to}`));
  });
  meeting.events.on('reaction', ({ type, name }) => {
    log.push(`reaction ${type} ${String(name)}`);
  });
}

export const api = {
  async open({ service, token }: { service: string; token: string }): Promise<void> {
    const client = make(service, token);
    const seat: Seat = { client, meeting: undefined, microphone: undefined, camera: undefined, log: [] };
    Object.assign(globalThis, { seat });
    client.on('error', ({ error, context }) => {
      seat.log.push(`error ${context}: ${error instanceof Error ? error.message : String(error)}`);
    });
    client.meetings.on('added', ({ meeting, by }) => {
      seat.log.push(`added ${by}`);
      watch(meeting);
    });
    client.meetings.on('removed', ({ reason }) => seat.log.push(`removed ${reason}`));
    await client.meetings.listen();
  },
  async join({ to, pin }: { to: string; pin?: string }): Promise<void> {
    const meeting = await seatOf().client.meetings.create(to);
    await meeting.join(pin === undefined ? {} : { pin });
  },
  personalRoom: async (): Promise<string> => (await seatOf().client.meetings.getPersonalMeetingRoom()).link,
  async answer(): Promise<void> {
    await until('a call', () => seatOf().meeting?.state.isIncoming === true);
    await meetingOf().acknowledge();
    await meetingOf().join();
  },
  async addMedia({ audio = true, video = true } = {}): Promise<void> {
    const seat = seatOf();
    seat.microphone = seat.client.media.microphone();
    seat.camera = seat.client.media.camera();
    if (audio) await seat.microphone.start();
    if (video) await seat.camera.start();
    await meetingOf().addMedia({
      ...(audio && { microphone: seat.microphone }),
      ...(video && { camera: seat.camera }),
    });
    const { audio: received } = meetingOf().remote;
    const element = document.createElement('audio');
    document.body.append(element);
    if (received !== undefined) seat.client.media.attach(received, element);
  },
  /** Waits for a moving picture and says what it looks like. */
  async picture({ slot = 'video', withinMs = 15_000 } = {}): Promise<Picture> {
    const stream = meetingOf().remote[slot];
    if (stream === undefined) throw new Error(`there is no ${slot}`);
    const video = document.createElement('video');
    Object.assign(video, { muted: true, srcObject: stream });
    document.body.append(video);
    await video.play().catch(() => undefined);
    const canvas = document.createElement('canvas');
    const look = (): Uint8ClampedArray | undefined => {
      if (video.videoWidth === 0) return undefined;
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context?.drawImage(video, 0, 0);
      return context?.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    await until(
      `a picture on ${slot}`,
      () => look()?.some((value, at) => at % 4 < 3 && value > 20) ?? false,
      withinMs,
    );
    const first = look() ?? new Uint8ClampedArray();
    let moved = false;
    await until(
      `movement on ${slot}`,
      () => {
        const now = look() ?? new Uint8ClampedArray();
        moved ||= now.some((value, at) => Math.abs(value - (first[at] ?? 0)) > 30);
        return moved;
      },
      withinMs,
    ).catch(() => undefined);
    const pixels = look() ?? new Uint8ClampedArray();
    const sum = [0, 0, 0];
    for (let at = 0; at < pixels.length; at += 4)
      for (const channel of [0, 1, 2]) sum[channel] = (sum[channel] ?? 0) + (pixels[at + channel] ?? 0);
    const count = pixels.length / 4;
    video.remove();
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      isMoving: moved,
      colour: sum.map((value) => Math.round(value / count)) as unknown as Picture['colour'],
    };
  },
  /** Sound that arrived within a second, as WebRTC statistics say it: energy and packets. */
  async sound({ ms = 1000 } = {}): Promise<{ energy: number; packets: number }> {
    const read = async () => {
      const report = await meetingOf().connection?.peerConnection?.getStats();
      for (const entry of (report ?? new Map()).values() as Iterable<Record<string, unknown>>)
        if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio')
          return {
            energy: Number(entry['totalAudioEnergy'] ?? 0),
            packets: Number(entry['packetsReceived'] ?? 0),
          };
      return { energy: 0, packets: 0 };
    };
    const before = await read();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await read();
    return { energy: after.energy - before.energy, packets: after.packets - before.packets };
  },
  /** Waits until sound of others arrives. */
  async receivesSound({ withinMs = 10_000 } = {}): Promise<void> {
    for (const deadline = performance.now() + withinMs; ;) {
      if ((await api.sound({ ms: 500 })).energy > 1e-6) return;
      if (performance.now() > deadline) throw new Error(`no sound arrived\n${seatOf().log.join('\n')}`);
    }
  },
  async untilConnected({ withinMs = 30_000 } = {}): Promise<void> {
    await until('media', () => meetingOf().connection?.state === 'connected', withinMs);
  },
  call({ path, args = [] }: { path: string; args?: readonly unknown[] }): Promise<unknown> {
    const names = path.split('.');
    let owner: unknown = meetingOf();
    for (const name of names.slice(0, -1)) owner = (owner as Record<string, unknown>)[name];
    const method = (owner as Record<string, (...given: readonly unknown[]) => Promise<unknown>>)[
      names.at(-1) ?? ''
    ];
    if (method === undefined) throw new Error(`there is no ${path}`);
    return method.apply(owner, [...args]);
  },
  state: (): Promise<Record<string, unknown>> =>
    Promise.resolve({ ...meetingOf().state.toJSON(), connection: meetingOf().connection?.state }),
  members: (): Promise<readonly Record<string, unknown>[]> =>
    Promise.resolve(meetingOf().members.all.map((member) => ({ ...member.toJSON() }))),
  async untilState({
    name,
    value,
    withinMs = 15_000,
  }: {
    name: string;
    value: unknown;
    withinMs?: number;
  }): Promise<void> {
    await until(
      `${name} ${String(value)}`,
      () => (seatOf().meeting?.state as Record<string, unknown> | undefined)?.[name] === value,
      withinMs,
    );
  },
  async untilMember(wanted: Record<string, unknown> & { name: string }): Promise<void> {
    await until(`a member ${JSON.stringify(wanted)}`, () =>
      meetingOf().members.all.some((member) =>
        Object.entries(wanted).every(
          ([name, value]) => (member as unknown as Record<string, unknown>)[name] === value,
        ),
      ),
    );
  },
  async untilLogged({ text, withinMs = 15_000 }: { text: string; withinMs?: number }): Promise<void> {
    await until(`the log line ${text}`, () => seatOf().log.some((line) => line.includes(text)), withinMs);
  },
  setMuted({
    kind = 'microphone',
    muted,
  }: {
    kind?: 'microphone' | 'camera';
    muted: boolean;
  }): Promise<void> {
    seatOf()[kind]?.setUserMuted(muted);
    return Promise.resolve();
  },
  /** Shares a canvas of one colour in place of a screen. */
  async shareColour({ colour }: { colour: string }): Promise<void> {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      if (context === null) return;
      context.fillStyle = colour;
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = '#000';
      context.fillRect((n += 5) % 640, 0, 40, 40);
    }, 50);
    navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(canvas.captureStream(15));
    await meetingOf().startShare(seatOf().client.media.screen());
  },
  /** Plays a file and says what is in it: a picture in the middle, and how loud it is. */
  async playFile({
    url,
  }: {
    url: string;
  }): Promise<{ seconds: number; brightness: number; loudness: number }> {
    const bytes = await (await fetch(url)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes.slice(0));
    const samples = sound.getChannelData(0);
    const loudness = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    const video = document.createElement('video');
    Object.assign(video, {
      muted: true,
      src: URL.createObjectURL(new Blob([bytes], { type: 'video/webm' })),
    });
    document.body.append(video);
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => {
        reject(new Error(video.error?.message ?? 'the file cannot be played'));
      };
    });
    video.currentTime = sound.duration * 0.7;
    await new Promise((resolve) => (video.onseeked = resolve));
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    context?.drawImage(video, 0, 0);
    const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    const brightness =
      pixels.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / (pixels.length * 0.75);
    video.remove();
    return { seconds: sound.duration, brightness, loudness };
  },
  log: (): Promise<readonly string[]> => Promise.resolve(seatOf().log),
  async close(): Promise<void> {
    await seatOf().meeting?.leave();
    seatOf().microphone?.close();
    seatOf().camera?.close();
    await seatOf().client.close();
  },
};
export type PageApi = typeof api;
Object.assign(globalThis, { api });
