// Sound and picture of a meeting: the exchange of offers, and the user's mutes. @source protocol/meetings-media.md §2
import { sdkError, type Host } from '@trunkline/core';
import type {
  LocalSource,
  Media,
  MediaConnection,
  Mixer,
  OwnSource,
  Screen,
  SlotDirection,
} from '@trunkline/media';
import { readRoapMessage, readTurnServer, turnDiscoveryRequest, type RoapMessage } from '@trunkline/wire';
import { meetingError } from './errors.js';
import { requests, type JoinAnswer } from './requests.js';
import type { Signalling } from './signalling.js';

/** What you send. */
export interface LocalStreams {
  readonly microphone?: LocalSource | OwnSource;
  readonly camera?: LocalSource | OwnSource;
}
export interface AddMediaOptions extends LocalStreams {
  /** What each kind does. Default: receives; sends when there is a source. */
  readonly audio?: Partial<SlotDirection>;
  readonly video?: Partial<SlotDirection>;
  /** Default false: screens of others are received. */
  readonly withoutScreens?: boolean;
  readonly signal?: AbortSignal;
}

export interface MediaPart {
  /** undefined before `add` and after the end. */
  readonly connection: MediaConnection | undefined;
  /** The streams of others by kind. */
  readonly remote: Readonly<Record<string, MediaStream>>;
  add(options: AddMediaOptions): Promise<void>;
  /** Sends with other sources; a key that is not there stays as it is, undefined stops sending. */
  publish(streams: LocalStreams): Promise<void>;
  share(screen: Screen | undefined): Promise<void>;
  /** A ROAP message that came by the socket. */
  receive(message: unknown): void;
  /** What hosts decided about the own microphone and camera. */
  applyMutes(decided: {
    readonly audioMuted: boolean;
    readonly unmuteForbidden: boolean;
    readonly videoMuted: boolean;
  }): void;
  /** The service says whether this device's media flows. It knows first when its own side was lost. */
  flows(isActive: boolean): void;
  /** The service can be reached again: media that had failed is tried again. */
  resume(): void;
  joined(mediaId: string): void;
  close(): void;
}

type Source = LocalSource | OwnSource;

export function createMediaPart(
  host: Pick<Host, 'peer' | 'report' | 'log'>,
  signalling: Signalling,
  events: { readonly connection: (connection: MediaConnection) => void },
): MediaPart {
  let connection: MediaConnection | undefined;
  let mediaId = '';
  let sources: { microphone?: Source | undefined; camera?: Source | undefined } = {};
  let offs: (() => void)[] = [];
  let mixer: Mixer | undefined;
  let isFlowing = false;
  let announced = '';
  let announcing: Promise<void> | undefined;
  let remoteMuted = { audioMuted: false, unmuteForbidden: false, videoMuted: false };

  const media = (): Media => {
    const peer = host.peer('media');
    if (peer === undefined)
      throw sdkError(
        'ERR_PLUGIN_MISSING',
        'addMedia: install @trunkline/media and give media() to the client, beside meetings()',
      );
    return peer;
  };
  const isMuted = (source: Source | undefined): boolean => source?.muted !== false || !source.sending;
  const mutes = () => ({ audioMuted: isMuted(sources.microphone), videoMuted: isMuted(sources.camera) });

  async function exchange(message: RoapMessage): Promise<RoapMessage | undefined> {
    announced = JSON.stringify(mutes());
    const { mediaConnections } = await signalling.ask<JoinAnswer>((now) =>
      requests.media(now, mediaId, { ...mutes(), roapMessage: message }),
    );
    const [first] = mediaConnections ?? [];
    if (first?.mediaId !== undefined && first.mediaId !== '') mediaId = first.mediaId;
    if (first?.remoteSdp === undefined) return undefined;
    const said = JSON.parse(first.remoteSdp) as { readonly roapMessage?: unknown };
    return readRoapMessage(said.roapMessage);
  }

  /** The newest mutes win: one request at a time, and none for what is known. */
  function announceMutes(): void {
    if (connection === undefined || announcing !== undefined) return;
    let failed = false;
    announcing = (async () => {
      for (let now = JSON.stringify(mutes()); now !== announced; now = JSON.stringify(mutes())) {
        announced = now;
        await signalling.send((context) => requests.media(context, mediaId, mutes()));
      }
    })()
      .catch((error: unknown) => {
        failed = true;
        announced = '';
        host.report(error, 'meetings: your mute could not be sent to the others');
      })
      .finally(() => {
        announcing = undefined;
        // a click in the meantime
        if (!failed && JSON.stringify(mutes()) !== announced) announceMutes();
      });
  }

  function watch(name: 'microphone' | 'camera', source: Source | undefined): void {
    sources = { ...sources, [name]: source };
    for (const off of offs) off();
    offs = [sources.microphone, sources.camera].flatMap((one) => {
      if (one === undefined) return [];
      return [one.kind === 'own' ? one.on('change', announceMutes) : one.on('change', announceMutes)];
    });
    applyMutes(remoteMuted);
  }
  function applyMutes(decided: typeof remoteMuted): void {
    remoteMuted = decided;
    const { microphone, camera } = sources;
    microphone?.setRemoteMuted(decided.audioMuted);
    microphone?.setUnmuteAllowed(!decided.unmuteForbidden);
    camera?.setRemoteMuted(decided.videoMuted);
  }
  const reconnect = (...from: readonly MediaConnection['state'][]): void => {
    if (connection === undefined || !from.includes(connection.state)) return;
    connection.reconnect().catch((error: unknown) => {
      host.report(error, 'meetings: media did not come back');
    });
  };
  const needed = (): MediaConnection => {
    if (connection === undefined)
      throw meetingError('ERR_MEETING_STATE', 'meeting', 'call addMedia() first.');
    return connection;
  };

  return {
    get connection() {
      return connection;
    },
    get remote() {
      return connection?.remote ?? {};
    },
    add: async ({ microphone, camera, audio, video, withoutScreens, signal }) => {
      if (connection !== undefined)
        throw meetingError(
          'ERR_MEETING_STATE',
          'meeting',
          'addMedia: there is media already. Use publish().',
        );
      signalling.context();
      const api = media();
      const turn = await exchange(turnDiscoveryRequest()).catch(() => undefined);
      signal?.throwIfAborted();
      const server = turn && readTurnServer(turn);
      const made = api.connection({
        send: exchange,
        directions: {
          audio: { receive: true, send: microphone !== undefined, ...audio },
          video: { receive: true, send: camera !== undefined, ...video },
          slides: { receive: withoutScreens !== true, send: false },
        },
        ...(server !== undefined && { iceServers: [server] }),
      });
      connection = made;
      const abort = (): void => {
        made.close();
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        if (microphone !== undefined) {
          watch('microphone', microphone);
          await made.setSource('audio', microphone);
        }
        if (camera !== undefined) {
          watch('camera', camera);
          await made.setSource('video', camera);
        }
        events.connection(made);
        await made.connect();
      } catch (error) {
        made.close();
        connection = undefined;
        throw signal?.aborted === true ? signal.reason : error;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
      announceMutes();
    },
    publish: async (streams) => {
      const open = needed();
      for (const [name, slot] of [
        ['microphone', 'audio'],
        ['camera', 'video'],
      ] as const) {
        if (!(name in streams)) continue;
        const source = streams[name];
        watch(name, source);
        await open.setSource(slot, source);
        await open.setDirection(slot, { send: source !== undefined });
      }
      announceMutes();
    },
    share: async (screen) => {
      const open = needed();
      await open.setSource('slides', screen?.video);
      await open.setDirection('slides', { send: screen !== undefined });
      // one m-line for sound: a tab's is mixed into the user's, whose mute does not touch it
      const withSound = screen?.audio.track !== undefined;
      const before = mixer;
      mixer = withSound
        ? media().mix(sources.microphone === undefined ? [screen.audio] : [sources.microphone, screen.audio])
        : undefined;
      if (mixer !== undefined || before !== undefined) {
        await open.setSource('audio', mixer ?? sources.microphone);
        if (mixer !== undefined) await open.setDirection('audio', { send: true });
      }
      before?.close();
    },
    receive: (message) => {
      connection?.receive(message);
    },
    applyMutes,
    flows: (isActive) => {
      const wasActive = isFlowing;
      isFlowing = isActive;
      if (wasActive && !isActive) reconnect('connected', 'reconnecting', 'failed');
    },
    resume: () => {
      reconnect('failed');
    },
    joined: (id) => {
      mediaId = id;
    },
    close: () => {
      for (const off of offs) off();
      offs = [];
      sources = {};
      mixer?.close();
      mixer = undefined;
      connection?.close();
      connection = undefined;
    },
  };
}
