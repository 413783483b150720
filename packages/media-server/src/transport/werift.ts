import {
  isMedia,
  isRtcp,
  RTCPeerConnection,
  RTCCertificate,
  RtpHeader,
  type RTCDataChannel,
  type RTCDtlsTransport,
  createSelfSignedCertificate,
} from 'werift';
import { guard } from './guard.js';
import { readStubAnswer, stubOffer } from './stub-offer.js';
import type { BareChannel, BareEvents, BareLibrary, BareTransport, LocalParameters } from './types.js';
import type { TransportParameters } from '../sdp/offer.js';

const host = '127.0.0.1';

/** werift 0.24.4, pure JavaScript. Raw packets are taken below its RTP router: internals, so the version is pinned. */
export const createWerift = (onError: (error: unknown) => void): BareLibrary => ({
  name: 'werift',
  create: (events) => createTransport(events, onError),
  close: () => undefined,
});

// RFC 5246 numbers: ECDSA with SHA-256 on secp256r1
const signature = { signature: 3, hash: 4 } as const;
const curve = 23;

/**
 * Each transport gets a certificate of its own: an ICE restart moves the client to a new transport, and browsers begin
 * a new DTLS session only when the fingerprint changes.
 */
async function createConnection(): Promise<RTCPeerConnection> {
  const { keyPem, certPem, signatureHash } = await createSelfSignedCertificate(signature, curve);
  return new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [host],
    iceInterfaceAddresses: { udp4: host },
    bundlePolicy: 'max-bundle',
    certificates: [new RTCCertificate(keyPem, certPem, signatureHash)],
  });
}

function createTransport(events: BareEvents, onError: (error: unknown) => void): BareTransport {
  let connection: RTCPeerConnection | undefined;
  let dtls: RTCDtlsTransport | undefined;
  let open = false;
  let closed = false;
  const safe = <Args extends readonly unknown[]>(run: (...args: Args) => void) =>
    guard((...args: Args) => {
      if (!closed) run(...args);
    }, onError);

  const receive = safe((transport: RTCDtlsTransport, datagram: Buffer) => {
    if (!isMedia(datagram)) return;
    let packet: Buffer;
    try {
      packet = (isRtcp(datagram) ? transport.srtcp : transport.srtp).decrypt(datagram);
    } catch {
      // not authentic, or received before
      return;
    }
    events.onPacket(packet);
  });

  /** Takes the packets below werift's own RTP router, which would parse each again. */
  const tap = (transport: RTCDtlsTransport): void => {
    dtls = transport;
    transport.startSrtp = () => {
      transport.updateSrtpSession();
      open = true;
      transport.iceTransport.connection.onData.subscribe((datagram: Buffer) => {
        receive(transport, datagram);
      });
      queueMicrotask(
        safe(() => {
          events.onState('open');
        }),
      );
    };
  };

  const useChannel = safe((one: RTCDataChannel) => {
    const channel: BareChannel = {
      label: one.label,
      send: (data) => {
        if (closed || one.readyState !== 'open') return false;
        one.send(data);
        return true;
      },
    };
    one.onMessage.subscribe(
      safe((data: string | Buffer) => {
        events.onMessage(channel, data);
      }),
    );
    events.onChannel(channel);
  });

  const accept = async (remote: TransportParameters, data: boolean): Promise<LocalParameters> => {
    connection = await createConnection();
    connection.connectionStateChange.subscribe(
      safe((state: string) => {
        if (state === 'failed' || state === 'disconnected' || state === 'closed') events.onState(state);
        else if (state === 'connecting') events.onState('connecting');
      }),
    );
    connection.onDataChannel.subscribe(useChannel);
    await connection.setRemoteDescription({ type: 'offer', sdp: stubOffer(remote, data) });
    const [first] = connection.dtlsTransports;
    if (!first) throw new Error('the offer was not taken');
    tap(first);
    await connection.setLocalDescription(await connection.createAnswer());
    return readStubAnswer(connection.localDescription?.sdp ?? '');
  };

  return {
    accept,
    send: (packet) => {
      if (!open || closed || !dtls) return false;
      const second = packet[1] ?? 0;
      let encrypted: Buffer;
      if (second >= 192 && second <= 223) encrypted = dtls.srtcp.encrypt(packet);
      else {
        const header = RtpHeader.deSerialize(packet);
        encrypted = dtls.srtp.encrypt(packet.subarray(header.payloadOffset), header);
      }
      void dtls.iceTransport.connection.send(encrypted).catch(() => undefined);
      return true;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      open = false;
      try {
        await connection?.close();
      } catch (error) {
        onError(error);
      }
    },
  };
}
