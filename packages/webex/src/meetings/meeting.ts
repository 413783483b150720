import { sdkError } from '@trunkline/core';
import type { AddMediaOptions, Meeting as NativeMeeting, ReactionType } from '@trunkline/meetings';
import { Events } from '../events.js';
import { official } from '../http-error.js';
import { notSupported, unsupported, type Unsupported } from '../not-supported.js';
import { actionsOf } from './actions.js';
import { forwardEvents } from './meeting-events.js';
import { Members } from './members.js';
import type { LocalDisplayStream, LocalStream, LocalSystemAudioStream } from './streams.js';

/** `localStreams` of `addMedia`, and what `publishStreams` takes. */
export interface LocalStreams {
  readonly microphone?: LocalStream;
  readonly camera?: LocalStream;
  readonly screenShare?: {
    readonly video?: LocalDisplayStream;
    readonly audio?: LocalSystemAudioStream | null;
  };
}
export interface OfficialAddMedia {
  readonly localStreams?: LocalStreams;
  readonly audioEnabled?: boolean;
  readonly videoEnabled?: boolean;
  readonly shareVideoEnabled?: boolean;
  readonly allowMediaInLobby?: boolean;
}
export interface OfficialJoin {
  readonly pin?: string;
  readonly alias?: string;
  readonly moderator?: boolean;
  readonly enableMultistream?: boolean;
  readonly resourceId?: string;
}

const passwordStatuses = {
  unknown: 'UNKNOWN',
  notRequired: 'NOT_REQUIRED',
  required: 'REQUIRED',
  verified: 'VERIFIED',
} as const;
const shareStatuses = {
  none: 'no_share',
  local: 'local_share_active',
  remote: 'remote_share_active',
} as const;

/** `meeting`: one meeting or call, with the official names, over the native one. */
export class Meeting extends Events {
  readonly members: Members;
  readonly isMultistream = false;
  private streams: LocalStreams = {};
  private phones: string[] = [];

  constructor(
    /** the native meeting, with everything that has no official name */
    readonly native: NativeMeeting,
    readonly destination: string,
    readonly destinationType: string | undefined,
  ) {
    super();
    this.members = new Members(native);
    forwardEvents(native, this);
  }
  get id(): string {
    return this.native.id;
  }
  get correlationId(): string {
    return this.native.correlationId;
  }
  get state(): string {
    return this.native.state.callState.toUpperCase();
  }
  get meetingState(): string | undefined {
    return this.native.locus?.fullState.state;
  }
  get type(): string | undefined {
    return this.native.locus?.fullState.type;
  }
  get meetingInfo(): object {
    const { title, number, sipAddress, joinUrl, conversationUrl } = this.native.state;
    return {
      topic: title,
      meetingNumber: number,
      sipUri: sipAddress,
      meetingJoinUrl: joinUrl,
      conversationUrl,
    };
  }
  get locusInfo(): NativeMeeting['locus'] {
    return this.native.locus;
  }
  get locusUrl(): string | undefined {
    return this.native.state.locusUrl;
  }
  get sipUri(): string | undefined {
    return this.native.state.sipAddress;
  }
  get meetingNumber(): string | undefined {
    return this.native.state.number;
  }
  get meetingJoinUrl(): string | undefined {
    return this.native.state.joinUrl;
  }
  get conversationUrl(): string | undefined {
    return this.native.state.conversationUrl;
  }
  get selfId(): string | undefined {
    return this.native.locus?.self?.id;
  }
  get hostId(): string | undefined {
    return this.native.locus?.host?.id;
  }
  get owner(): string | undefined {
    return this.native.locus?.info.owner;
  }
  get isUserUnadmitted(): boolean {
    return this.native.state.isInLobby;
  }
  get passwordStatus(): string {
    return passwordStatuses[this.native.state.passwordStatus];
  }
  get requiredCaptcha(): object | null {
    return this.native.state.requiredCaptcha ?? null;
  }
  get shareStatus(): string {
    return shareStatuses[this.native.state.share];
  }
  get recording(): object {
    const { recording } = this.native.state;
    return {
      state: { on: 'recording', off: 'idle', paused: 'paused' }[recording],
      ...this.native.locus?.controls.record?.meta,
    };
  }
  get userDisplayHints(): readonly string[] {
    return this.native.state.displayHints;
  }
  get inMeetingActions(): Readonly<Record<string, boolean>> & { readonly get: () => object } {
    const actions = actionsOf(this.native.state.displayHints);
    return Object.assign({ ...actions }, { get: () => actions });
  }
  /** `webrtcMediaConnection.getStats()` has the numbers of the present peer connection; undefined before `addMedia`. */
  get mediaProperties(): {
    readonly webrtcMediaConnection: { getStats(): Promise<RTCStatsReport> } | undefined;
  } {
    const { connection } = this.native;
    return {
      webrtcMediaConnection: connection && {
        getStats: async () => (await connection.peerConnection?.getStats()) ?? new Map<string, object>(),
      },
    };
  }

  async join({ pin, alias, resourceId }: OfficialJoin = {}): Promise<object> {
    if (resourceId !== undefined) throw notSupported('join({ resourceId })');
    await official(
      this.native.join({
        ...(pin !== undefined && { pin }),
        ...(alias !== undefined && { displayName: alias }),
      }),
    );
    const { locus } = this.native;
    return { locus, locusUrl: locus?.url, selfId: locus?.self?.id };
  }
  async addMedia(options: OfficialAddMedia = {}): Promise<void> {
    const { localStreams = {}, audioEnabled, videoEnabled, shareVideoEnabled } = options;
    const { microphone, camera } = localStreams;
    const wanted: AddMediaOptions = {
      ...(microphone !== undefined && { microphone: microphone.source }),
      ...(camera !== undefined && { camera: camera.source }),
      ...(audioEnabled === false && { audio: { receive: false, send: false } }),
      ...(videoEnabled === false && { video: { receive: false, send: false } }),
      ...(shareVideoEnabled === false && { withoutScreens: true }),
    };
    await official(this.native.addMedia(wanted));
    this.streams = localStreams;
    if (localStreams.screenShare?.video !== undefined) await this.publishStreams(localStreams);
  }
  async joinWithMedia({
    joinOptions,
    mediaOptions,
  }: {
    readonly joinOptions?: OfficialJoin;
    readonly mediaOptions?: OfficialAddMedia;
  } = {}): Promise<object> {
    const join = await this.join(joinOptions);
    try {
      await this.addMedia(mediaOptions);
    } catch (error) {
      await this.leave().catch(() => undefined);
      throw error;
    }
    return { join, media: undefined, multistreamEnabled: false };
  }
  async publishStreams(streams: LocalStreams): Promise<void> {
    for (const stream of [streams.microphone, streams.camera, streams.screenShare?.video])
      if (stream?.readyState === 'ended')
        throw sdkError('ERR_ARGUMENT', 'publishStreams: a stream has ended. Make a new one.');
    const { microphone, camera, screenShare } = streams;
    if (microphone !== undefined || camera !== undefined)
      await official(
        this.native.publish({
          ...(microphone !== undefined && { microphone: microphone.source }),
          ...(camera !== undefined && { camera: camera.source }),
        }),
      );
    if (screenShare?.video !== undefined) await official(this.native.startShare(screenShare.video.screen));
    this.streams = { ...this.streams, ...streams };
  }
  async unpublishStreams(
    streams: readonly (LocalStream | LocalDisplayStream | LocalSystemAudioStream)[] = [],
  ): Promise<void> {
    const { microphone, camera, screenShare } = this.streams;
    const has = (stream: unknown): boolean =>
      stream !== undefined && (streams as readonly unknown[]).includes(stream);
    if (has(screenShare?.video)) await official(this.native.stopShare());
    if (has(microphone) || has(camera))
      // the types of options do not know the difference between no key and undefined
      await official(
        this.native.publish({
          ...(has(microphone) && { microphone: undefined }),
          ...(has(camera) && { camera: undefined }),
        } as object),
      );
  }
  async updateMedia({
    audioEnabled,
    videoEnabled,
  }: Pick<OfficialAddMedia, 'audioEnabled' | 'videoEnabled'>): Promise<void> {
    const { connection } = this.native;
    if (connection === undefined) throw sdkError('ERR_MEETING_STATE', 'updateMedia: call addMedia() first.');
    const { microphone, camera } = this.streams;
    if (audioEnabled !== undefined)
      await connection.setDirection('audio', {
        receive: audioEnabled,
        send: audioEnabled && microphone !== undefined,
      });
    if (videoEnabled !== undefined)
      await connection.setDirection('video', {
        receive: videoEnabled,
        send: videoEnabled && camera !== undefined,
      });
  }
  leave(): Promise<void> {
    return official(this.native.leave());
  }
  endMeetingForAll(): Promise<void> {
    return official(this.native.endForAll());
  }
  acknowledge(type: string): Promise<void> {
    if (typeof type !== 'string')
      return Promise.reject(sdkError('ERR_ARGUMENT', 'acknowledge: type is required'));
    return official(this.native.acknowledge());
  }
  decline(reason?: string): Promise<void> {
    return official(this.native.decline(reason));
  }
  async reconnect(): Promise<void> {
    const { connection } = this.native;
    if (connection === undefined) throw sdkError('ERR_MEETING_STATE', 'reconnect: call addMedia() first.');
    await official(this.native.sync());
    await official(connection.reconnect());
  }
  async verifyPassword(password: string, captchaCode?: string): Promise<object> {
    const isPasswordValid = await official(this.native.verifyPassword(password, captchaCode));
    return {
      isPasswordValid,
      requiredCaptcha: this.requiredCaptcha,
      failureReason: isPasswordValid ? 'NONE' : 'WRONG_PASSWORD',
    };
  }
  refreshCaptcha(): Promise<void> {
    return official(this.native.refreshCaptcha());
  }

  // ---- mute, as the API texts have it: through the streams

  muteAudio(): Promise<void> {
    return this.setMuted(this.streams.microphone, true);
  }
  unmuteAudio(): Promise<void> {
    return this.setMuted(this.streams.microphone, false);
  }
  muteVideo(): Promise<void> {
    return this.setMuted(this.streams.camera, true);
  }
  unmuteVideo(): Promise<void> {
    return this.setMuted(this.streams.camera, false);
  }
  private setMuted(stream: LocalStream | undefined, muted: boolean): Promise<void> {
    if (stream === undefined)
      return Promise.reject(sdkError('ERR_MEETING_STATE', 'mute: publish the stream first.'));
    stream.setUserMuted(muted);
    return Promise.resolve();
  }

  // ---- controls

  lockMeeting(): Promise<void> {
    return official(this.native.lock());
  }
  unlockMeeting(): Promise<void> {
    return official(this.native.unlock());
  }
  startRecording(): Promise<void> {
    return official(this.native.startRecording());
  }
  stopRecording(): Promise<void> {
    return official(this.native.stopRecording());
  }
  pauseRecording(): Promise<void> {
    return official(this.native.pauseRecording());
  }
  resumeRecording(): Promise<void> {
    return official(this.native.resumeRecording());
  }
  get recordingController(): Pick<
    Meeting,
    'startRecording' | 'stopRecording' | 'pauseRecording' | 'resumeRecording'
  > {
    return this;
  }
  setMuteOnEntry(enabled: boolean): Promise<void> {
    return official(this.native.configure({ muteOnEntry: enabled }));
  }
  setDisallowUnmute(enabled: boolean): Promise<void> {
    return official(this.native.configure({ allowUnmute: !enabled }));
  }
  async setMuteAll(muted: boolean, disallowUnmute?: boolean, muteOnEntry?: boolean): Promise<void> {
    if (disallowUnmute !== undefined || muteOnEntry !== undefined)
      await official(
        this.native.configure({
          ...(disallowUnmute !== undefined && { allowUnmute: !disallowUnmute }),
          ...(muteOnEntry !== undefined && { muteOnEntry }),
        }),
      );
    await official(muted ? this.native.muteAll() : this.native.askAllToUnmute());
  }
  get controlsOptionsManager(): Pick<Meeting, 'setMuteOnEntry' | 'setDisallowUnmute' | 'setMuteAll'> {
    return this;
  }
  sendDTMF(tones: string): Promise<void> {
    return official(this.native.sendDtmf(tones));
  }
  sendReaction(type: ReactionType): Promise<void> {
    return official(this.native.sendReaction(type));
  }
  isReactionsSupported(): boolean {
    return this.native.locus?.controls.reactions?.enabled ?? false;
  }
  isTranscriptionSupported(): boolean {
    return false;
  }
  async toggleReactions(enable: boolean): Promise<string | undefined> {
    if (this.isReactionsSupported() === enable)
      return `Reactions are already ${enable ? 'enabled' : 'disabled'}.`;
    await official(this.native.configure({ allowReactions: enable }));
    return undefined;
  }
  changeVideoLayout(layoutType: Parameters<NativeMeeting['setLayout']>[0]): Promise<void> {
    return official(this.native.setLayout(layoutType));
  }
  async usePhoneAudio(phoneNumber?: string): Promise<void> {
    this.phones.push(await official(this.native.usePhone(phoneNumber)));
  }
  async disconnectPhoneAudio(): Promise<void> {
    for (const phone of this.phones.splice(0)) await official(this.native.leavePhone(phone));
  }
  invite(invitee: Parameters<Members['addMember']>[0]): Promise<void> {
    return this.members.addMember(invitee);
  }
  cancelPhoneInvite(invitee: { readonly phoneNumber: string }): Promise<void> {
    return this.members.cancelPhoneInvite(invitee);
  }
  admit(ids: readonly string[]): Promise<void> {
    return this.members.admitMembers(ids);
  }
  remove(id: string): Promise<void> {
    return this.members.removeMember(id);
  }
  mute(id: string, mute = true): Promise<void> {
    return this.members.muteMember(id, mute);
  }
  transfer(id: string): Promise<void> {
    return this.members.transferHostToMember(id);
  }
  getMembers(): Members {
    return this.members;
  }
  /** Refuses every call with `ERR_NOT_SUPPORTED`, as `annotation`, `webinar` and the like. */
  get breakouts(): Unsupported {
    return unsupported('meeting.breakouts');
  }
  get simultaneousInterpretation(): Unsupported {
    return unsupported('meeting.simultaneousInterpretation');
  }
  get annotation(): Unsupported {
    return unsupported('meeting.annotation');
  }
  get webinar(): Unsupported {
    return unsupported('meeting.webinar');
  }
  get aiEnableRequest(): Unsupported {
    return unsupported('meeting.aiEnableRequest');
  }
  get remoteMediaManager(): Unsupported {
    return unsupported('meeting.remoteMediaManager');
  }
  getCurUserType(): string | null {
    const { isHost, isCoHost } = this.native.state;
    return isHost ? 'host' : isCoHost ? 'cohost' : 'attendee';
  }
}
