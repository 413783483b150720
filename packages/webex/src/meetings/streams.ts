import type { DeviceKind, LocalSource, Media, OwnSource, Screen } from '@trunkline/media';
import { Events } from '../events.js';
import { official } from '../http-error.js';

type Source = LocalSource | OwnSource;

const readyState = (track: MediaStreamTrack | undefined): string => track?.readyState ?? 'ended';

/** A camera or microphone as the official client shows it. Events: `user-mute-state-change`, `system-mute-state-change`, `stream-ended`, `output-track-change`. */
export class LocalStream extends Events {
  constructor(readonly source: Source) {
    super();
    let { userMuted: user, remoteMuted: remote } = source.mute;
    const changed = (): void => {
      const before = { user, remote };
      ({ userMuted: user, remoteMuted: remote } = source.mute);
      if (user !== before.user) this.trigger('user-mute-state-change', user);
      if (remote !== before.remote) this.trigger('muted:byServer', remote, 'remotelyMuted');
    };
    if (source.kind === 'own') source.on('change', changed);
    else {
      source.on('change', changed);
      source.on('track', ({ track }) => this.trigger('output-track-change', track));
      source.on('device', ({ to }) => {
        if (to === undefined) this.trigger('stream-ended');
      });
    }
  }
  get id(): string {
    return this.source.track?.id ?? '';
  }
  get label(): string {
    return this.source.track?.label ?? '';
  }
  get outputStream(): MediaStream {
    const { track } = this.source;
    return new MediaStream(track === undefined ? [] : [track]);
  }
  get inputStream(): MediaStream {
    return this.outputStream;
  }
  get muted(): boolean {
    return this.source.muted;
  }
  get userMuted(): boolean {
    return this.source.mute.userMuted;
  }
  get systemMuted(): boolean {
    return this.source.track?.muted ?? false;
  }
  get readyState(): string {
    return readyState(this.source.track);
  }
  setUserMuted(muted: boolean): void {
    this.source.setUserMuted(muted);
  }
  isUnmuteAllowed(): boolean {
    return this.source.mute.unmuteAllowed;
  }
  getSettings(): MediaTrackSettings {
    return this.source.track?.getSettings() ?? {};
  }
  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    if (this.source.kind === 'own') await this.source.track?.applyConstraints(constraints);
    else await official(this.source.setConstraints(constraints));
  }
  stop(): void {
    this.source.close();
    this.trigger('stream-ended');
  }
}

/** A shared screen. Event: `stream-ended`. */
export class LocalDisplayStream extends Events {
  constructor(readonly screen: Screen) {
    super();
    screen.on('ended', () => this.trigger('stream-ended'));
  }
  get outputStream(): MediaStream {
    const { track } = this.screen.video;
    return new MediaStream(track === undefined ? [] : [track]);
  }
  get readyState(): string {
    return readyState(this.screen.video.track);
  }
  get muted(): boolean {
    return false;
  }
  stop(): void {
    this.screen.stop();
  }
}

/** The sound of a shared screen; it ends with its picture. */
export class LocalSystemAudioStream extends Events {
  constructor(readonly screen: Screen) {
    super();
    screen.on('ended', () => this.trigger('stream-ended'));
  }
  get outputStream(): MediaStream {
    const { track } = this.screen.audio;
    return new MediaStream(track === undefined ? [] : [track]);
  }
  get readyState(): string {
    return readyState(this.screen.audio.track);
  }
  stop(): void {
    this.screen.stop();
  }
}

/** `webex.meetings.mediaHelpers`: opens devices and screens. */
export function createMediaHelpers(media: () => Media) {
  const opened = async (
    kind: 'camera' | 'microphone',
    constraints: MediaTrackConstraints | undefined,
  ): Promise<LocalStream> => {
    const source = media()[kind](constraints === undefined ? {} : { constraints });
    try {
      await official(source.start());
    } catch (error) {
      source.close();
      throw error;
    }
    return new LocalStream(source);
  };
  const shared = async (options?: DisplayMediaStreamOptions): Promise<Screen> => {
    const screen = media().screen();
    await official(screen.start(options));
    return screen;
  };
  return {
    createMicrophoneStream: (constraints?: MediaTrackConstraints) => opened('microphone', constraints),
    createCameraStream: (constraints?: MediaTrackConstraints) => opened('camera', constraints),
    createCameraAndMicrophoneStreams: async ({
      video,
      audio,
    }: { readonly video?: MediaTrackConstraints; readonly audio?: MediaTrackConstraints } = {}) => [
      await opened('camera', video),
      await opened('microphone', audio),
    ],
    createDisplayStream: async () => new LocalDisplayStream(await shared({ video: true })),
    createDisplayStreamWithAudio: async () => {
      const screen = await shared({ video: true, audio: true });
      return [
        new LocalDisplayStream(screen),
        screen.audio.track === undefined ? null : new LocalSystemAudioStream(screen),
      ] as const;
    },
    getDevices: (kind?: DeviceKind) => official(media().devices.list(kind)),
  };
}
export type MediaHelpers = ReturnType<typeof createMediaHelpers>;
