import { mediaError } from './errors.js';

// not `typeof RTCPeerConnection` and the like: programs without the types of a page have no such values
type PeerConnectionClass = new (configuration?: RTCConfiguration) => RTCPeerConnection;
type MediaStreamClass = new (tracks?: MediaStreamTrack[]) => MediaStream;
type AudioContextClass = new (options?: { readonly sampleRate?: number }) => AudioContext;

/** What media needs of the browser. Members are read when they are used, never at load time. */
export interface MediaEnvironment {
  readonly mediaDevices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  /** false on http pages other than localhost: browsers hide cameras there */
  readonly isSecure: boolean;
  readonly PeerConnection: PeerConnectionClass | undefined;
  readonly MediaStream: MediaStreamClass | undefined;
  readonly AudioContext: AudioContextClass | undefined;
  /** Codec names of one direction, such as `VP8`; undefined where the browser does not say. */
  readonly codecs: (direction: 'send' | 'receive', kind: 'audio' | 'video') => readonly string[] | undefined;
}

interface Globals {
  readonly navigator?: { readonly mediaDevices?: MediaDevices; readonly permissions?: Permissions };
  readonly isSecureContext?: boolean;
  readonly RTCPeerConnection?: PeerConnectionClass;
  readonly MediaStream?: MediaStreamClass;
  readonly AudioContext?: AudioContextClass;
  readonly RTCRtpSender?: typeof RTCRtpSender;
  readonly RTCRtpReceiver?: typeof RTCRtpReceiver;
}

/** The environment of this page, or of Node, where most of it is missing. */
export function browserEnvironment(globals: object = globalThis): MediaEnvironment {
  const here = globals as Globals;
  return {
    get mediaDevices() {
      return here.navigator?.mediaDevices;
    },
    get permissions() {
      return here.navigator?.permissions;
    },
    get isSecure() {
      return here.isSecureContext === true;
    },
    get PeerConnection() {
      return here.RTCPeerConnection;
    },
    get MediaStream() {
      return here.MediaStream;
    },
    get AudioContext() {
      return here.AudioContext;
    },
    codecs(direction, kind) {
      const side = direction === 'send' ? here.RTCRtpSender : here.RTCRtpReceiver;
      // older browsers have the class but not the function
      const { getCapabilities } = (side ?? {}) as Partial<typeof RTCRtpSender>;
      const { codecs } = getCapabilities?.call(side, kind) ?? {};
      return codecs && [...new Set(codecs.map(({ mimeType }) => mimeType.slice(mimeType.indexOf('/') + 1)))];
    },
  };
}

/** Says in plain words why there are no cameras and microphones, or undefined. */
export const missingDevices = ({ isSecure, mediaDevices }: MediaEnvironment): string | undefined => {
  if (mediaDevices !== undefined) return undefined;
  return isSecure
    ? 'this runtime has no cameras and microphones (navigator.mediaDevices is missing)'
    : 'browsers give cameras and microphones to secure pages only: serve the page by https, or from localhost';
};

/** @throws {MediaError} `ERR_ENVIRONMENT` */
export function needDevices(environment: MediaEnvironment, call: string): MediaDevices {
  const { mediaDevices } = environment;
  if (mediaDevices === undefined)
    throw mediaError('ERR_ENVIRONMENT', 'device', `${call}: ${missingDevices(environment) ?? ''}.`);
  return mediaDevices;
}

/** @throws {MediaError} `ERR_ENVIRONMENT` */
export function needPeerConnection({ PeerConnection }: MediaEnvironment, call: string): PeerConnectionClass {
  if (PeerConnection === undefined)
    throw mediaError(
      'ERR_ENVIRONMENT',
      'offer',
      `${call}: this runtime has no WebRTC (RTCPeerConnection is missing). A browser extension or a policy may block it.`,
    );
  return PeerConnection;
}
