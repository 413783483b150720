import type { TransportParameters } from '../sdp/offer.js';

/**
 * The offer that a library is given instead of the client's: one media section for everything, and a data channel only
 * where the client has one (a library that offers SCTP to a client without it fails the connection).
 */
export function stubOffer(
  { ufrag, password, fingerprint, setup }: TransportParameters,
  data: boolean,
): string {
  const shared = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:${fingerprint}`,
    `a=setup:${setup}`,
  ];
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    `a=group:BUNDLE 0${data ? ' 1' : ''}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...shared,
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    ...(data
      ? [
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          ...shared,
          'a=mid:1',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
        ]
      : []),
    '',
  ].join('\r\n');
}

/** Reads what the library answered: its own ICE and DTLS parameters and where it listens. */
export function readStubAnswer(sdp: string) {
  const attribute = (name: string): string | undefined =>
    new RegExp(`^a=${name}:([^\\r\\n]+)`, 'm').exec(sdp)?.[1]?.trim();
  const candidate = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim)].find(
    ([, host]) => host === '127.0.0.1',
  );
  const ufrag = attribute('ice-ufrag');
  const password = attribute('ice-pwd');
  const fingerprint = attribute('fingerprint:sha-256') ?? attribute('fingerprint');
  const setup = attribute('setup');
  const [, host, port] = candidate ?? [];
  if (!ufrag || !password || !fingerprint || !setup || !host || !port)
    throw new Error('the library answered without ICE or DTLS parameters, or without a loopback candidate');
  return {
    ufrag,
    password,
    fingerprint: fingerprint.startsWith('sha-') ? fingerprint : `sha-256 ${fingerprint}`,
    setup,
    host,
    port: Number(port),
  };
}
