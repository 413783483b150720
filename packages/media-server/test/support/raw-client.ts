import * as ndc from 'node-datachannel';
import { buildRtp, isRtcp, parseRtp, type RtpHeader } from '../../src/rtp/packet.js';
import { splitRtcp, type RtcpPart } from '../../src/rtp/rtcp.js';

/** A client without a browser: it sends packets that a test makes, and keeps what it receives. */
export interface RawClient {
  readonly audioSsrc: number;
  readonly videoSsrc: number;
  readonly received: { readonly header: RtpHeader; readonly packet: Buffer }[];
  readonly feedback: RtcpPart[];
  /** keyframes that were asked for */
  keyframesAsked: number;
  readonly offer: string;
  /** an offer with a changed text, such as another direction */
  apply(answer: string): void;
  readonly open: Promise<void>;
  /** 20 ms of Opus, by default a packet that no decoder takes for speech */
  sendAudio(payload?: Buffer): void;
  /** one picture in one packet */
  sendVideo(key: boolean, size?: number, payload?: Buffer): void;
  sendRaw(packet: Buffer): void;
  readonly isOpen: boolean;
  close(): void;
}

export interface RawClientOptions {
  readonly audioSsrc?: number;
  readonly videoSsrc?: number;
  /** edits the offer before anybody sees it */
  readonly edit?: (offer: string) => string;
  readonly telephoneEvent?: boolean;
  readonly transportCc?: boolean;
}

const opusType = 111;
const vp8Type = 96;
let made = 0;

export async function createRawClient(options: RawClientOptions = {}): Promise<RawClient> {
  made += 1;
  const {
    audioSsrc = 1000 + made * 10,
    videoSsrc = 1001 + made * 10,
    edit = (text: string) => text,
  } = options;
  const connection = new ndc.PeerConnection(`raw${String(made)}`, {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableAutoNegotiation: true,
    forceMediaTransport: true,
  });
  const video = new ndc.Video('0', 'SendRecv');
  video.addVP8Codec(vp8Type);
  const track = connection.addTrack(video);
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve();
    });
  });
  connection.setLocalDescription('offer');
  if (connection.gatheringState() !== 'complete') await gathered;
  const own = connection.localDescription()?.sdp ?? '';
  const line = (pattern: RegExp): string => pattern.exec(own)?.[0] ?? '';
  const shared = [
    'c=IN IP4 0.0.0.0',
    line(/a=ice-ufrag:\S+/),
    line(/a=ice-pwd:\S+/),
    line(/a=fingerprint:[^\r\n]+/),
    'a=setup:actpass',
    'a=sendrecv',
    'a=rtcp-mux',
  ];
  const tones = options.telephoneEvent === false ? [] : ['a=rtpmap:110 telephone-event/48000'];
  const numbers = options.transportCc
    ? ['a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01']
    : [];
  const offer = edit(
    [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0 1',
      `m=audio 9 UDP/TLS/RTP/SAVPF ${String(opusType)}${tones.length > 0 ? ' 110' : ''}`,
      ...shared,
      'a=mid:0',
      `a=rtpmap:${String(opusType)} opus/48000/2`,
      ...tones,
      ...numbers,
      `a=ssrc:${String(audioSsrc)} cname:raw`,
      `m=video 9 UDP/TLS/RTP/SAVPF ${String(vp8Type)} 97`,
      ...shared,
      'a=mid:1',
      `a=rtpmap:${String(vp8Type)} VP8/90000`,
      `a=rtcp-fb:${String(vp8Type)} nack`,
      `a=rtcp-fb:${String(vp8Type)} nack pli`,
      'a=rtpmap:97 rtx/90000',
      `a=fmtp:97 apt=${String(vp8Type)}`,
      ...numbers,
      `a=ssrc:${String(videoSsrc)} cname:raw`,
      '',
    ].join('\r\n'),
  );

  const received: RawClient['received'] = [];
  const feedback: RtcpPart[] = [];
  let audioSequence = 65_500;
  let videoSequence = 0;
  let audioTime = 0;
  let videoTime = 0;
  let pictureId = 1;
  let closed = false;
  const send = (packet: Buffer): void => {
    if (closed || !track.isOpen()) return;
    try {
      track.sendMessageBinary(packet);
    } catch {
      // libsrtp refuses what is not RTP
    }
  };
  const open = new Promise<void>((resolve) => {
    track.onOpen(resolve);
  });
  track.onMessage((packet) => {
    if (isRtcp(packet)) {
      for (const part of splitRtcp(packet)) {
        feedback.push(part);
        if (part.type === 206 && part.format === 1) client.keyframesAsked += 1;
      }
      return;
    }
    const header = parseRtp(packet);
    if (header) received.push({ header, packet });
  });
  const client: RawClient = {
    audioSsrc,
    videoSsrc,
    received,
    feedback,
    keyframesAsked: 0,
    offer,
    open,
    get isOpen() {
      return !closed && track.isOpen();
    },
    apply: (answer) => {
      const get = (pattern: RegExp): string => pattern.exec(answer)?.[0] ?? '';
      connection.setRemoteDescription(
        [
          'v=0',
          'o=- 1 1 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          `m=video 9 UDP/TLS/RTP/SAVPF ${String(vp8Type)}`,
          'c=IN IP4 0.0.0.0',
          get(/a=ice-ufrag:\S+/),
          get(/a=ice-pwd:\S+/),
          get(/a=fingerprint:[^\r\n]+/),
          get(/a=setup:\S+/),
          ...new Set(answer.match(/a=candidate:[^\r\n]+/g)),
          'a=mid:0',
          'a=sendrecv',
          'a=rtcp-mux',
          `a=rtpmap:${String(vp8Type)} VP8/90000`,
          '',
        ].join('\r\n'),
        'answer',
      );
    },
    sendAudio: (payload = Buffer.from([0xf8, 0xff, 0xfe])) => {
      audioSequence = (audioSequence + 1) & 0xffff;
      audioTime += 960;
      send(
        buildRtp(
          {
            marker: false,
            payloadType: opusType,
            sequence: audioSequence,
            timestamp: audioTime,
            ssrc: audioSsrc,
          },
          payload,
        ),
      );
    },
    sendVideo: (key, size = 500, given) => {
      const payload = given ?? Buffer.alloc(size, 7);
      // descriptor: extension and start, picture id and tl0picidx, then the frame tag
      if (!given) {
        payload[0] = 0x90;
        payload[1] = 0xc0;
        payload.writeUInt16BE(0x8000 | (pictureId & 0x7fff), 2);
        payload[4] = pictureId & 255;
        payload[5] = key ? 0 : 1;
      }
      pictureId += 1;
      videoSequence = (videoSequence + 1) & 0xffff;
      videoTime += 3600;
      send(
        buildRtp(
          {
            marker: true,
            payloadType: vp8Type,
            sequence: videoSequence,
            timestamp: videoTime,
            ssrc: videoSsrc,
          },
          payload,
        ),
      );
    },
    sendRaw: send,
    close: () => {
      if (closed) return;
      closed = true;
      track.close();
      connection.close();
    },
  };
  return client;
}
