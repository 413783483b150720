// Hand-made devices and peer connections, for what a real browser cannot be made to do on demand.
import type { TrackSource } from '../src/connection/types.js';
import type { MediaEnvironment } from '../src/environment.js';

let ids = 0;
const nextId = (prefix: string): string => `${prefix}-${String((ids += 1))}`;

/** Lets promises settle. */
export const settled = async (): Promise<void> => {
  for (let n = 0; n < 40; n += 1) await Promise.resolve();
};

export const domError = (name: string, fields: object = {}): Error =>
  Object.assign(new Error(`${name} happened`), { name, ...fields });

export class FakeTrack extends EventTarget {
  readonly id = nextId('track');
  enabled = true;
  muted = false;
  readyState: MediaStreamTrackState = 'live';
  constraints: unknown;
  constructor(
    readonly kind: 'audio' | 'video',
    readonly deviceId = '',
    readonly label = deviceId,
  ) {
    super();
  }
  getSettings(): object {
    return { deviceId: this.deviceId };
  }
  applyConstraints(constraints: unknown): Promise<void> {
    this.constraints = constraints;
    return Promise.resolve();
  }
  /** by this page: no event */
  stop(): void {
    this.readyState = 'ended';
  }
  /** by the device, the user or the browser */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
  setMuted(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
  get real(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

export class FakeStream {
  readonly id = nextId('stream');
  readonly tracks: FakeTrack[];
  constructor(tracks: readonly FakeTrack[] = []) {
    this.tracks = [...tracks];
  }
  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }
  getAudioTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === 'audio');
  }
  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === 'video');
  }
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }
  removeTrack(track: FakeTrack): void {
    const at = this.tracks.indexOf(track);
    if (at >= 0) this.tracks.splice(at, 1);
  }
  get real(): MediaStream {
    return this as unknown as MediaStream;
  }
}

interface FakeDevice {
  readonly deviceId: string;
  readonly kind: MediaDeviceKind;
  readonly label: string;
  readonly groupId: string;
}
export const device = (kind: MediaDeviceKind, deviceId: string): FakeDevice => ({
  kind,
  deviceId,
  label: deviceId,
  groupId: '',
});

/** `navigator.mediaDevices` with devices that can be unplugged, refused and held back. */
export class FakeMediaDevices extends EventTarget {
  devices: FakeDevice[] = ['1', '2', '3'].flatMap((n) => [
    device('videoinput', `cam${n}`),
    device('audioinput', `mic${n}`),
  ]);
  /** listeners that were added and not removed */
  listeners = 0;
  /** tracks that were handed out */
  readonly tracks: FakeTrack[] = [];
  readonly calls: MediaStreamConstraints[] = [];
  readonly displayCalls: unknown[] = [];
  /** called before a device is opened; throws to refuse */
  refuse: (kind: 'audio' | 'video', deviceId: string | undefined) => void = () => undefined;
  display: () => FakeStream | Promise<FakeStream> = () =>
    this.give([new FakeTrack('video', 'screen'), new FakeTrack('audio', 'tab')]);
  /** a promise that every getUserMedia waits for */
  held: Promise<unknown> = Promise.resolve();

  override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...given);
  }
  override removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...given);
  }
  enumerateDevices(): Promise<FakeDevice[]> {
    return Promise.resolve([...this.devices]);
  }
  async getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.calls.push(constraints);
    await this.held;
    const tracks = (['audio', 'video'] as const).flatMap((kind) => {
      const wanted = constraints[kind];
      if (wanted === undefined || wanted === false) return [];
      const { deviceId } = wanted === true ? {} : wanted;
      const exact = (deviceId as { readonly exact?: string } | undefined)?.exact;
      this.refuse(kind, exact);
      const ofKind = this.devices.filter((one) => one.kind === `${kind}input`);
      if (ofKind.length === 0) throw domError('NotFoundError');
      const found = exact === undefined ? ofKind[0] : ofKind.find((one) => one.deviceId === exact);
      if (found === undefined) throw domError('OverconstrainedError', { constraint: 'deviceId' });
      return [new FakeTrack(kind, found.deviceId)];
    });
    return this.give(tracks);
  }
  getDisplayMedia(options: unknown): Promise<FakeStream> {
    this.displayCalls.push(options);
    return Promise.resolve().then(() => this.display());
  }
  give(tracks: readonly FakeTrack[]): FakeStream {
    this.tracks.push(...tracks);
    return new FakeStream(tracks);
  }
  /** A device goes, as browsers tell it; the order of the two events differs between them. */
  async unplug(deviceId: string, order: 'ended first' | 'change first' = 'ended first'): Promise<void> {
    this.devices = this.devices.filter((one) => one.deviceId !== deviceId);
    const end = (): void => {
      for (const track of this.tracks)
        if (track.deviceId === deviceId && track.readyState === 'live') track.end();
    };
    const change = (): void => {
      this.dispatchEvent(new Event('devicechange'));
    };
    for (const step of order === 'ended first' ? [end, change] : [change, end]) {
      step();
      await settled();
    }
  }
  async plug(added: FakeDevice): Promise<void> {
    this.devices = [...this.devices, added];
    this.dispatchEvent(new Event('devicechange'));
    await settled();
  }
  get live(): readonly FakeTrack[] {
    return this.tracks.filter(({ readyState }) => readyState === 'live');
  }
}

// ---- peer connections

type Description = { readonly type: RTCSdpType; readonly sdp: string };

class FakeSender {
  readonly replaced: (FakeTrack | null)[] = [];
  constructor(public track: FakeTrack | null) {}
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    await Promise.resolve();
    this.track = track;
    this.replaced.push(track);
  }
  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map<string, object>());
  }
  getParameters(): object {
    return { encodings: [] };
  }
}
export class FakeTransceiver {
  mid: string | null = null;
  currentDirection: string | null = null;
  readonly sender: FakeSender;
  readonly receiver: { readonly track: FakeTrack; getStats(): Promise<Map<string, object>> };
  constructor(
    readonly kind: 'audio' | 'video',
    track: FakeTrack | null,
    public direction: string,
  ) {
    this.sender = new FakeSender(track);
    this.receiver = {
      track: new FakeTrack(kind),
      getStats: () => Promise.resolve(new Map<string, object>()),
    };
  }
}

const mLine = (kind: 'audio' | 'video', mid: number, direction: string): string =>
  [
    `m=${kind} 5000 UDP/TLS/RTP/SAVPF ${kind === 'audio' ? '111' : '96 97'}`,
    'c=IN IP4 127.0.0.1',
    'a=candidate:1 1 udp 2113937151 127.0.0.1 5000 typ host',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=mid:${String(mid)}`,
    `a=${direction}`,
    ...(kind === 'audio'
      ? ['a=rtpmap:111 opus/48000/2']
      : ['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96']),
  ].join('\r\n');

/** An SDP in which each m-line is complete. */
export const fakeSdp = (lines: readonly (readonly ['audio' | 'video', string])[]): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE ${lines.map((_, mid) => String(mid)).join(' ')}\r\n${lines
    .map(([kind, direction], mid) => mLine(kind, mid, direction))
    .join('\r\n')}\r\n`;

/** An RTCPeerConnection under the test's control. */
export class FakePeerConnection extends EventTarget {
  static readonly made: FakePeerConnection[] = [];
  /** what `getStats` gives */
  static report: readonly object[] = [];
  signalingState = 'stable';
  rollbacks = 0;
  connectionState = 'new';
  iceConnectionState = 'new';
  iceGatheringState = 'complete';
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  closed = false;
  readonly transceivers: FakeTransceiver[] = [];
  /** held back: createOffer waits for it */
  held: Promise<unknown> = Promise.resolve();
  /** thrown by the next setRemoteDescription */
  remoteError: Error | undefined;

  constructor(readonly configuration: RTCConfiguration = {}) {
    super();
    FakePeerConnection.made.push(this);
  }
  static reset(): void {
    FakePeerConnection.made.length = 0;
    FakePeerConnection.report = [];
  }
  static get last(): FakePeerConnection {
    const last = FakePeerConnection.made.at(-1);
    if (last === undefined) throw new Error('no peer connection was made');
    return last;
  }
  addTransceiver(of: FakeTrack | string, { direction }: { readonly direction: string }): FakeTransceiver {
    const track = typeof of === 'string' ? null : of;
    const kind = (typeof of === 'string' ? of : of.kind) as 'audio' | 'video';
    const made = new FakeTransceiver(kind, track, direction);
    this.transceivers.push(made);
    return made;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  async createOffer(): Promise<Description> {
    await this.held;
    for (const [at, transceiver] of this.transceivers.entries()) transceiver.mid = String(at);
    return {
      type: 'offer',
      sdp: fakeSdp(this.transceivers.map(({ kind, direction }) => [kind, direction] as const)),
    };
  }
  async createAnswer(): Promise<Description> {
    return { ...(await this.createOffer()), type: 'answer' };
  }
  setLocalDescription(description: Description): Promise<void> {
    if (description.type === 'rollback') {
      this.signalingState = 'stable';
      this.rollbacks += 1;
    } else {
      this.localDescription = description;
      this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable';
      if (description.type === 'answer') this.agree();
    }
    return Promise.resolve();
  }
  setRemoteDescription(description: Description): Promise<void> {
    if (this.remoteError) return Promise.reject(this.remoteError);
    if (description.type === 'offer' && this.signalingState === 'have-local-offer')
      return Promise.reject(domError('InvalidStateError'));
    this.remoteDescription = description;
    if (description.type === 'offer')
      for (const kind of description.sdp.matchAll(/^m=(audio|video)/gm))
        if (this.transceivers.length < [...description.sdp.matchAll(/^m=/gm)].length)
          this.addTransceiver(kind[1] ?? '', { direction: 'recvonly' });
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    if (description.type === 'answer') this.agree();
    return Promise.resolve();
  }
  private agree(): void {
    for (const transceiver of this.transceivers) transceiver.currentDirection = transceiver.direction;
  }
  getStats(): Promise<{ forEach(each: (entry: object) => void): void }> {
    return Promise.resolve({
      forEach: (each) => {
        FakePeerConnection.report.forEach(each);
      },
    });
  }
  /** The path changes. */
  become(connectionState: string, iceConnectionState = connectionState): void {
    this.connectionState = connectionState;
    this.iceConnectionState = iceConnectionState;
    this.dispatchEvent(new Event('iceconnectionstatechange'));
    this.dispatchEvent(new Event('connectionstatechange'));
  }
  close(): void {
    this.closed = true;
    this.signalingState = 'closed';
  }
}

/** An environment of fakes. */
export const fakeEnvironment = (
  mediaDevices: FakeMediaDevices = new FakeMediaDevices(),
  parts: Partial<MediaEnvironment> = {},
): MediaEnvironment => ({
  mediaDevices: mediaDevices as unknown as MediaDevices,
  permissions: undefined,
  isSecure: true,
  PeerConnection: FakePeerConnection as unknown as typeof RTCPeerConnection,
  MediaStream: FakeStream as unknown as typeof MediaStream,
  AudioContext: undefined,
  codecs: () => ['VP8', 'H264', 'rtx'],
  ...parts,
});

/** A source whose track the test changes. */
export const fakeSource = (
  track?: FakeTrack,
): TrackSource & {
  readonly listeners: ReadonlySet<unknown>;
  change(next: FakeTrack | undefined): void;
} => {
  const listeners = new Set<(track: MediaStreamTrack | undefined) => void>();
  let now = track;
  return {
    get track() {
      return now?.real;
    },
    onTrack(listener: (track: MediaStreamTrack | undefined) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(next: FakeTrack | undefined) {
      now = next;
      for (const listener of listeners) listener(next?.real);
    },
    listeners,
  };
};
