import * as ndc from 'node-datachannel';
import { guard } from './guard.js';
import { readStubAnswer, stubOffer } from './stub-offer.js';
import type { BareChannel, BareEvents, BareLibrary, BareTransport, LocalParameters } from './types.js';
import type { TransportParameters } from '../sdp/offer.js';

const host = '127.0.0.1';
const gatherTimeoutMs = 5000;
let made = 0;

/**
 * libdatachannel. It passes a PeerConnection with exactly one media line every RTP and RTCP packet, of any SSRC and payload
 * type, and sends what it is given. An exception in a callback, or a call in the wrong state, aborts the process: every
 * callback is guarded, and the engine runs in a process of its own.
 */
export const createNodeDataChannel = (onError: (error: unknown) => void): BareLibrary => ({
  name: 'node-datachannel',
  create: (events) => createTransport(events, onError),
  // ndc.cleanup() would wait for every connection of the process; the engine's process simply ends
  close: () => undefined,
});

function createTransport(events: BareEvents, onError: (error: unknown) => void): BareTransport {
  made += 1;
  const connection = new ndc.PeerConnection(`t${String(made)}`, {
    iceServers: [],
    bindAddress: host,
    disableAutoNegotiation: true,
    forceMediaTransport: true,
    mtu: 1400,
  });
  // references that libdatachannel's own objects depend on
  const kept: unknown[] = [];
  let track: ndc.Track | undefined;
  let open = false;
  let closed = false;
  const safe = <Args extends readonly unknown[]>(run: (...args: Args) => void) =>
    guard((...args: Args) => {
      if (!closed) run(...args);
    }, onError);

  connection.onStateChange(
    safe((state: string) => {
      if (state === 'failed' || state === 'disconnected' || state === 'closed') events.onState(state);
      else if (state === 'connecting') events.onState('connecting');
    }),
  );
  connection.onTrack(
    safe((one: ndc.Track) => {
      track = one;
      one.onOpen(
        safe(() => {
          open = true;
          events.onState('open');
        }),
      );
      one.onClosed(
        safe(() => {
          open = false;
        }),
      );
      one.onMessage(
        safe((packet: Buffer) => {
          events.onPacket(packet);
        }),
      );
    }),
  );
  connection.onDataChannel(
    safe((one: ndc.DataChannel) => {
      kept.push(one);
      const channel: BareChannel = {
        label: one.getLabel(),
        send: (data) => {
          if (closed || !one.isOpen()) return false;
          return typeof data === 'string' ? one.sendMessage(data) : one.sendMessageBinary(data);
        },
      };
      one.onMessage(
        safe((data: string | Buffer | ArrayBuffer) => {
          events.onMessage(channel, data instanceof ArrayBuffer ? Buffer.from(data) : data);
        }),
      );
      events.onChannel(channel);
    }),
  );

  const accept = async (remote: TransportParameters, data: boolean): Promise<LocalParameters> => {
    const gathered = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('no loopback candidate in time'));
      }, gatherTimeoutMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      connection.onGatheringStateChange(
        guard((state: string) => {
          if (state === 'complete') done();
        }, onError),
      );
      connection.setRemoteDescription(stubOffer(remote, data), 'offer');
      if (connection.signalingState() !== 'have-remote-offer') {
        clearTimeout(timer);
        reject(new Error('the offer was not taken'));
        return;
      }
      connection.setLocalDescription('answer');
      if (connection.gatheringState() === 'complete') done();
    });
    await gathered;
    return readStubAnswer(connection.localDescription()?.sdp ?? '');
  };

  return {
    accept,
    send: (packet) => {
      if (!open || closed || track?.isOpen() !== true) return false;
      try {
        return track.sendMessageBinary(packet);
      } catch {
        open = false;
        return false;
      }
    },
    close: () => {
      if (closed) return Promise.resolve();
      closed = true;
      open = false;
      try {
        connection.close();
      } catch (error) {
        onError(error);
      }
      kept.length = 0;
      return Promise.resolve();
    },
  };
}
