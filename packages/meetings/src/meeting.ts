// One meeting, composed of its parts. No part knows another: what one needs of the meeting it is given.
import type { CallInit, Host, Listenable } from '@trunkline/core';
import { checkArguments, createEmitter, randomUuid, type ParameterRules } from '@trunkline/core/kit';
import type { MediaConnection, Screen } from '@trunkline/media';
import type { Locus, LocusDelta } from '@trunkline/wire';
import { nextCallState, type CallTransition } from './call-state.js';
import { createControls, type Controls } from './controls.js';
import type { Destination } from './destination.js';
import { joinError, meetingError } from './errors.js';
import { fetchInfo, refreshCaptcha, type MeetingInfo } from './info.js';
import { createLobby } from './lobby.js';
import { createLocusState } from './locus-state.js';
import { createMediaPart, type AddMediaOptions, type LocalStreams } from './media-part.js';
import { createMembers, type Members } from './members.js';
import { endReasonOf, meetingValues, Model, type EndReason, type MeetingModel } from './model.js';
import type { PageLeave } from './page-leave.js';
import { requests, type JoinAnswer } from './requests.js';
import { createShare } from './share.js';
import { createSignalling } from './signalling.js';

export interface JoinOptions extends CallInit {
  /** The host key: joins as host. A string, because leading zeros count. */
  readonly pin?: string;
  /** Another name in this meeting. */
  readonly displayName?: string;
}

/** What happens in a meeting and leaves no trace in its state. */
export interface MeetingEvents {
  reaction: {
    readonly type: string;
    readonly memberId: string;
    readonly name: string | undefined;
  };
  /** The media connection was made; its events tell quality, loss and speech. */
  connection: { readonly connection: MediaConnection };
}

/** The calls of a meeting. They throw what the service refuses, as `client.request` does, and what is named here. */
export interface MeetingCalls {
  /**
   * Joins, or waits in the lobby: then `isInLobby` is true until a host admits you. Calls at the same time share one join.
   *
   * @throws {MeetingError} `ERR_MEETING_PASSWORD`, `ERR_MEETING_PIN`, `ERR_MEETING_FULL`, `ERR_MEETING_NOT_FOUND`, `ERR_MEETING_ENDED`
   */
  join(options?: JoinOptions): Promise<void>;
  /**
   * Sends and receives sound and picture; resolves when media has flowed. Needs the plugin `media()`.
   *
   * @throws {MediaError} with the phase in which it failed; `ERR_MEETING_NOT_JOINED`
   */
  addMedia(options?: AddMediaOptions): Promise<void>;
  /** Joins and adds media; when media fails, the meeting is left again. */
  joinWithMedia(options?: JoinOptions & { readonly media?: AddMediaOptions }): Promise<void>;
  /** Sends with other sources. A key that is not there stays as it is; undefined stops sending. */
  publish(streams: LocalStreams): Promise<void>;
  /** Leaves; sources and screens of yours go on. Without a network it is over for you at once, and the service is notified later. */
  leave(init?: CallInit): Promise<void>;
  /** As a host: ends the meeting for everyone. */
  endForAll(init?: CallInit): Promise<void>;
  /** Says that a call rings here. */
  acknowledge(init?: CallInit): Promise<void>;
  /** Refuses a call. @throws {MeetingError} `ERR_MEETING_STATE` when none rings */
  decline(reason?: string, init?: CallInit): Promise<void>;
  /** Shares a screen: opens the picker where it was not started, then takes the floor. A share of another user ends. */
  startShare(screen: Screen, init?: CallInit): Promise<void>;
  /** Ends your share and gives the floor back. */
  stopShare(init?: CallInit): Promise<void>;
  /** Shows the password and, where one is required, the captcha's code. Resolves with whether it is right. */
  verifyPassword(password: string, captchaCode?: string, init?: CallInit): Promise<boolean>;
  /** Gets another captcha in place of the required one. */
  refreshCaptcha(init?: CallInit): Promise<void>;
  /** Plays tones to the others. @param tones digits, A to D, `*`, `#`; a comma waits 2 s */
  sendDtmf(tones: string, init?: CallInit): Promise<void>;
  /** Fetches the state again; the SDK does it by itself after the socket was away. */
  sync(): Promise<void>;
}

/** A meeting or a call. Watch it with `meeting.on('change:callState', …)`. */
export interface Meeting extends MeetingCalls, Controls {
  readonly id: string;
  /** Of this client's part in the meeting; media messages are matched by it. */
  readonly correlationId: string;
  /** Everything that is known, with change events. */
  readonly state: MeetingModel;
  readonly members: Members;
  readonly events: Listenable<MeetingEvents>;
  /** The streams of others: `audio`, `video` (who speaks) and `slides` (a shared screen). The same objects over reconnects. */
  readonly remote: Readonly<Record<string, MediaStream>>;
  /** undefined before `addMedia`. */
  readonly connection: MediaConnection | undefined;
  /** The state of the service, as it came. */
  readonly locus: Locus | undefined;
}

/** What moves a meeting from outside. */
export interface MeetingHandle {
  readonly meeting: Meeting;
  take(locus: Locus | LocusDelta): void;
  roap(message: unknown): void;
  speakers(speaking: readonly string[], dominant: string | undefined): void;
  reaction(reaction: MeetingEvents['reaction']): void;
  /** The socket was away and is back. */
  resume(): void;
  /** The service knows nothing of it any more. */
  lost(): void;
}

const rules: ParameterRules<MeetingCalls> = {
  join: 'options?:object(pin?:string displayName?:text)',
  addMedia: 'options?:object',
  joinWithMedia: 'options?:object',
  publish: 'streams:object',
  leave: '',
  endForAll: '',
  acknowledge: '',
  decline: 'reason?:text',
  startShare: 'screen:object',
  stopShare: '',
  verifyPassword: 'password:string captchaCode?:string',
  refreshCaptcha: '',
  sendDtmf: 'tones:text',
  sync: '',
};

export function createMeeting(
  host: Host,
  given: {
    readonly destination: Destination | undefined;
    readonly info?: MeetingInfo | undefined;
    readonly isIncoming?: boolean;
    readonly pageLeave: Pick<PageLeave, 'prepare' | 'forget'>;
    /** The user left while the service could not be reached. */
    readonly leaveLater: (correlationId: string) => void;
  },
  ended: (reason: EndReason) => void,
): MeetingHandle {
  const id = randomUuid();
  let correlationId = randomUuid();
  let deviceUrl: string | undefined;
  let { info } = given;
  let wasJoined = false;
  let isOver = false;
  let joining: Promise<void> | undefined;
  const report = (error: unknown, context: string): void => {
    host.report(error, `meetings: ${context}`);
  };
  const model = new Model(
    {
      isIncoming: given.isIncoming ?? false,
      ...(info?.meetingName !== undefined && { title: info.meetingName }),
      ...(info?.meetingNumber !== undefined && { number: info.meetingNumber }),
      ...(info?.meetingJoinUrl !== undefined && { joinUrl: info.meetingJoinUrl }),
      ...(info?.sipUrl !== undefined && { sipAddress: info.sipUrl }),
    },
    { onError: report },
  );
  const events = createEmitter<MeetingEvents>((error, type) => {
    report(error, `a listener of '${type}'`);
  });
  const move = (transition: CallTransition): void => {
    const to = nextCallState(model.callState, transition);
    if (to !== undefined) model.set({ callState: to });
  };

  const locusState = createLocusState({
    clock: host.clock,
    fetch: async (url) => (await host.request<Locus | LocusDelta | undefined>({ url })).body,
    changed,
    lost: (error) => {
      report(error, 'the state of a meeting cannot be fetched');
      over('lost');
    },
  });
  const signalling = createSignalling(host, {
    current: () => locusState.current,
    deviceUrl: () => deviceUrl,
    correlationId: () => correlationId,
    take: (locus) => {
      locusState.take(locus);
    },
  });
  const roster = createMembers(signalling, report);
  const media = createMediaPart(host, signalling, {
    connection: (connection) => {
      events.emit('connection', { connection });
    },
  });
  const lobby = createLobby(host, report);
  const share = createShare(signalling, media, () => locusState.current, report);

  function over(reason: EndReason): void {
    if (isOver) return;
    isOver = true;
    model.set({ endReason: reason, isInLobby: false, share: 'none', isActive: false });
    move(reason === 'declined' && model.isIncoming ? 'decline' : 'leave');
    share.close();
    media.close();
    lobby.close();
    given.pageLeave.forget(id);
    locusState.close();
    ended(reason);
  }

  function changed(now: Locus, before: Locus | undefined): void {
    const values = meetingValues(now, deviceUrl);
    model.set(values);
    roster.show(now);
    const { self } = now;
    if (self?.state === 'JOINED') wasJoined = true;
    media.applyMutes({
      audioMuted: self?.controls.audio?.muted ?? false,
      unmuteForbidden: self?.controls.audio?.disallowUnmute ?? false,
      videoMuted: self?.controls.video?.muted ?? false,
    });
    const device = self?.devices.find(({ url }) => url === deviceUrl);
    if (device?.state === 'JOINED' || model.isInLobby)
      given.pageLeave.prepare(id, requests.leave(signalling.context(), undefined));
    // without the device there is nothing to bring back
    if (device?.state === 'JOINED')
      media.flows(device.mediaSessions?.some(({ state }) => state === 'active') ?? false);
    lobby.show(self, deviceUrl);
    share.show(values.share ?? 'none');
    if (now.fullState.type === 'CALL') followCall(now, before);
    const reason = endReasonOf(now, wasJoined);
    if (reason === undefined) return;
    // the other side is gone: no one stays in a call alone
    if (self?.state === 'JOINED' && now.fullState.active) void leaveQuietly();
    over(reason);
  }

  function followCall(now: Locus, before: Locus | undefined): void {
    const partner = (locus: Locus | undefined) =>
      locus?.participants.find((participant) => participant.id !== locus.self?.id);
    const { state: to } = partner(now) ?? {};
    if (to === partner(before)?.state) return;
    if (to === 'JOINED' && now.self?.state === 'JOINED') move('remoteAnswered');
    if (to === 'DECLINED') move('remoteDeclined');
  }
  const leaveQuietly = async (): Promise<void> => {
    try {
      await host.request(requests.leave(signalling.context(), undefined));
    } catch (error) {
      report(error, 'a call that the other side has left could not be left');
    }
  };

  async function join({ pin, displayName, ...init }: JoinOptions): Promise<void> {
    if (isOver) throw meetingError('ERR_MEETING_ENDED', 'join', 'join: this meeting is over for you.');
    if (model.passwordStatus === 'required')
      throw meetingError(
        'ERR_MEETING_PASSWORD',
        'join',
        'join: the meeting needs its password. Call verifyPassword() first.',
      );
    const device = await host.connect(init);
    deviceUrl = device.url;
    const context = { deviceUrl: device.url, correlationId };
    const fields = {
      pin,
      moderator: pin === undefined ? undefined : true,
      alias: displayName,
      permissionToken: info?.permissionToken,
    };
    const known = locusState.current;
    const address = info?.meetingJoinUrl ?? info?.sipUrl ?? given.destination?.value;
    if (known === undefined && address === undefined)
      throw meetingError('ERR_MEETING_NOT_FOUND', 'join', 'join: this meeting has no address.');
    try {
      const answer = await signalling.ask<JoinAnswer>(
        known === undefined
          ? requests.call(address ?? '', context, fields)
          : requests.join(known.url, context, fields),
        init,
      );
      media.joined(answer.mediaConnections?.at(-1)?.mediaId ?? '');
      move('join');
    } catch (error) {
      move('fail');
      throw joinError(error);
    }
  }

  const calls: MeetingCalls = checkArguments<MeetingCalls>('meeting', rules, {
    join: async (options = {}) => {
      joining ??= join(options).finally(() => {
        joining = undefined;
      });
      return joining;
    },
    addMedia: async (options = {}) => media.add(options),
    joinWithMedia: async ({ media: wanted = {}, ...options } = {}) => {
      await calls.join(options);
      try {
        await media.add(wanted);
      } catch (error) {
        await calls.leave().catch((left: unknown) => {
          report(left, 'a meeting without media could not be left');
        });
        throw error;
      }
    },
    publish: (streams) => media.publish(streams),
    leave: async (init) => {
      if (isOver) return;
      const context = signalling.context();
      // the user is gone at once, whatever the network says
      media.close();
      await host
        .request<{ readonly locus?: Locus }>({ ...init, ...requests.leave(context, undefined) })
        .catch((error: unknown) => {
          const { status } = error as { readonly status?: number };
          // it is over there, too
          if (status === 404 || status === 409) return;
          if (status !== undefined) throw error;
          // the service cannot be reached: it is notified when it can
          given.leaveLater(correlationId);
        });
      over('left');
    },
    endForAll: (init) => signalling.send(requests.end, init),
    acknowledge: async (init) => {
      deviceUrl ??= (await host.connect(init)).url;
      await signalling.send(requests.alert, init);
      move('ring');
    },
    decline: async (reason, init) => {
      deviceUrl ??= (await host.connect(init)).url;
      if (locusState.current?.self?.state !== 'NOTIFIED')
        throw meetingError('ERR_MEETING_STATE', 'meeting', 'decline: no call rings here.');
      await signalling.send((now) => requests.decline(now, reason), init);
      over('declined');
    },
    startShare: (screen, init) => share.start(screen, init),
    stopShare: (init) => share.stop(init),
    verifyPassword: async (password, captchaCode, init) => {
      const { destination } = given;
      if (destination === undefined)
        throw meetingError('ERR_MEETING_STATE', 'info', 'verifyPassword: this meeting has no address.');
      const result = await fetchInfo(
        host,
        destination,
        { password, captchaId: model.requiredCaptcha?.captchaId, captchaCode },
        init,
      );
      info = { ...info, ...result.info };
      model.set({ passwordStatus: result.passwordStatus, requiredCaptcha: result.captcha });
      return result.passwordStatus === 'verified';
    },
    refreshCaptcha: async (init) => {
      model.set({ requiredCaptcha: await refreshCaptcha(host, model.requiredCaptcha, init) });
    },
    sendDtmf: (tones, init) => signalling.send((now) => requests.sendDtmf(now, tones, correlationId), init),
    sync: () => locusState.sync(),
  });

  const meeting: Meeting = {
    ...calls,
    ...createControls(signalling, () => locusState.current),
    id,
    get correlationId() {
      return correlationId;
    },
    state: model,
    members: roster.members,
    events,
    get remote() {
      return media.remote;
    },
    get connection() {
      return media.connection;
    },
    get locus() {
      return locusState.current;
    },
  };
  return {
    meeting,
    take: (locus) => {
      // an invitation comes before this client has a part in it
      const own = locus.self?.devices.find(({ url }) => url === deviceUrl)?.correlationId;
      if (own !== undefined && own !== '') correlationId = own;
      locusState.take(locus);
    },
    roap: (message) => {
      media.receive(message);
    },
    speakers: (speaking, dominant) => {
      roster.speaking(speaking);
      model.set({ activeSpeakerId: dominant ?? model.activeSpeakerId });
    },
    reaction: (reaction) => {
      events.emit('reaction', reaction);
    },
    resume: () => {
      if (locusState.current?.self?.state === 'JOINED') media.resume();
    },
    lost: () => {
      over('lost');
    },
  };
}
