import type { TransportParameters } from '../sdp/offer.js';

/** What the local side offers to the client's ICE and DTLS. */
export interface LocalParameters extends TransportParameters {
  /** where this transport listens */
  readonly host: string;
  readonly port: number;
}

export type BareState = 'connecting' | 'open' | 'disconnected' | 'failed' | 'closed';

/** A data channel that the client opened. */
export interface BareChannel {
  readonly label: string;
  /** @returns false when it is not open */
  send(data: string | Buffer): boolean;
}

/** What a bare transport reports. A listener that throws is caught: some libraries abort the process otherwise. */
export interface BareEvents {
  readonly onPacket: (packet: Buffer) => void;
  readonly onState: (state: BareState) => void;
  readonly onChannel: (channel: BareChannel) => void;
  readonly onMessage: (channel: BareChannel, data: string | Buffer) => void;
}

/** ICE, DTLS, SRTP and SCTP of one client, from a library. It passes every RTP and RTCP packet, of whatever SSRC. */
export interface BareTransport {
  /**
   * Applies the client's parameters and returns the local ones. Called once.
   *
   * @param data the client offered a data channel
   */
  accept(remote: TransportParameters, data: boolean): Promise<LocalParameters>;
  /** Sends an RTP or RTCP packet; false when it is not open. */
  send(packet: Buffer): boolean;
  /** Resolves when its socket is closed. */
  close(): Promise<void>;
}

/** A library that makes bare transports. */
export interface BareLibrary {
  readonly name: 'node-datachannel' | 'werift';
  create(events: BareEvents): BareTransport;
  /** Releases what the library keeps for the whole process. */
  close(): void;
}
