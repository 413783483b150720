import { browserEnvironment, missingDevices, type MediaEnvironment } from './environment.js';
import { systemClock, type Clock } from './kit.js';
import { isHelperCodec } from './sdp/session.js';

/** One thing that is wrong. */
export interface MediaFinding {
  readonly problem:
    | 'insecure-page'
    | 'no-devices-api'
    | 'webrtc-blocked'
    | 'no-camera'
    | 'no-microphone'
    | 'camera-denied'
    | 'microphone-denied'
    | 'no-common-codec'
    | 'no-network-candidates';
  /** in plain words, for the user */
  readonly message: string;
  /** it prevents meetings altogether; otherwise they work with less */
  readonly fatal: boolean;
}

/** The result of {@link checkMedia}. */
export interface MediaCheck {
  /** nothing is wrong */
  readonly ok: boolean;
  /** a meeting can be joined, perhaps without camera or microphone */
  readonly canJoin: boolean;
  readonly findings: readonly MediaFinding[];
  readonly cameras: number;
  readonly microphones: number;
  /** video codecs that this browser can both send and receive */
  readonly videoCodecs: readonly string[];
}

export interface CheckOptions {
  /** video codecs of the other side; one in common is enough. Default H264 and VP8 */
  readonly videoCodecs?: readonly string[];
  /** milliseconds to wait for a first ICE candidate. Default 3 000; 0 skips this test */
  readonly candidateMs?: number;
}

const finding = (problem: MediaFinding['problem'], message: string, fatal = false): MediaFinding => ({
  problem,
  message,
  fatal,
});

/** The permission of a kind of device; undefined where the browser does not say. */
export async function permissionOf(
  { permissions }: MediaEnvironment,
  name: 'camera' | 'microphone',
): Promise<'denied' | 'granted' | 'prompt' | undefined> {
  try {
    return (await permissions?.query({ name }))?.state;
  } catch {
    return undefined; // Firefox rejects names that it does not know
  }
}

/** Whether an ICE candidate can be found: none means that WebRTC is disabled, or that there is no network. */
async function findsCandidate(
  Connection: new () => RTCPeerConnection,
  timeoutMs: number,
  clock: Clock,
): Promise<boolean> {
  const pc = new Connection();
  try {
    const found = new Promise<boolean>((resolve) => {
      const cancel = clock.after(timeoutMs, () => {
        resolve(false);
      });
      pc.onicecandidate = ({ candidate }) => {
        cancel();
        resolve(candidate !== null && candidate.candidate !== '');
      };
    });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    await pc.setLocalDescription(await pc.createOffer());
    return await found;
  } finally {
    pc.close();
  }
}

/**
 * Says in plain words what stands between this page and a meeting: an insecure page, WebRTC blocked, no camera, permission
 * denied, no common codec. Opens no device and asks the user nothing.
 *
 * @example
 * const { findings } = await checkMedia();
 * for (const { message } of findings) console.log(message);
 */
export async function checkMedia(
  { videoCodecs: wanted = ['H264', 'VP8'], candidateMs = 3000 }: CheckOptions = {},
  {
    environment = browserEnvironment(),
    clock = systemClock,
  }: { readonly environment?: MediaEnvironment; readonly clock?: Clock } = {},
): Promise<MediaCheck> {
  const findings: MediaFinding[] = [];
  const { mediaDevices, PeerConnection } = environment;
  const counts = { camera: 0, microphone: 0 };

  const missing = missingDevices(environment);
  if (missing !== undefined)
    findings.push(
      finding(
        environment.isSecure ? 'no-devices-api' : 'insecure-page',
        `Camera and microphone: ${missing}.`,
      ),
    );
  if (mediaDevices) {
    const all = await mediaDevices.enumerateDevices().catch((): MediaDeviceInfo[] => []);
    counts.camera = all.filter(({ kind }) => kind === 'videoinput').length;
    counts.microphone = all.filter(({ kind }) => kind === 'audioinput').length;
    for (const kind of ['camera', 'microphone'] as const) {
      if (counts[kind] === 0)
        findings.push(finding(`no-${kind}`, `No ${kind} was found. Plug one in, or join without it.`));
      else if ((await permissionOf(environment, kind)) === 'denied')
        findings.push(
          finding(
            `${kind}-denied`,
            `This page may not use the ${kind}. Allow it in the browser's site settings, beside the address.`,
          ),
        );
    }
  }

  let videoCodecs: readonly string[] = [];
  if (PeerConnection === undefined)
    findings.push(
      finding(
        'webrtc-blocked',
        'This browser has no WebRTC, or an extension or policy blocks it. Allow WebRTC, or use another browser.',
        true,
      ),
    );
  else {
    const send = environment.codecs('send', 'video');
    const receive = environment.codecs('receive', 'video');
    videoCodecs = (send ?? []).filter((codec) => !isHelperCodec(codec) && (receive?.includes(codec) ?? true));
    const has = (codec: string): boolean =>
      videoCodecs.some((one) => one.toLowerCase() === codec.toLowerCase());
    if (send !== undefined && !wanted.some(has))
      findings.push(
        finding(
          'no-common-codec',
          `This browser has no video codec in common with the meeting: it has ${videoCodecs.join(', ') || 'none'}, the meeting needs ${wanted.join(' or ')}. Audio works.`,
        ),
      );
    if (candidateMs > 0 && !(await findsCandidate(PeerConnection, candidateMs, clock).catch(() => false)))
      findings.push(
        finding(
          'no-network-candidates',
          'WebRTC finds no network address. Check that the network is up and that no extension disables WebRTC.',
          true,
        ),
      );
  }
  return {
    ok: findings.length === 0,
    canJoin: !findings.some(({ fatal }) => fatal),
    findings,
    cameras: counts.camera,
    microphones: counts.microphone,
    videoCodecs,
  };
}
