/** What is sent on one slot. Counters never decrease, also across reconnects; rates are of the last interval. */
export interface OutboundStats {
  readonly slot: string;
  readonly kind: 'audio' | 'video';
  /** such as `opus`, `VP8`; undefined before the first packet */
  readonly codec: string | undefined;
  readonly bytesSent: number;
  readonly packetsSent: number;
  readonly bitrateBps: number;
  /** packets the receiver missed */
  readonly packetsLost: number;
  /** of the last interval, 0 to 100 */
  readonly lossPercent: number;
  /** by the receiver's reports; undefined before the first */
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  readonly retransmittedPackets: number;
  readonly nackCount: number;
  readonly pliCount: number;
  /** of a video */
  readonly framesEncoded: number;
  readonly framesPerSecond: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** why the picture is smaller than it could be: `none`, `cpu`, `bandwidth`, `other` */
  readonly qualityLimitation: string | undefined;
  /** of an audio, 0 (silence) to 1; 0 while muted */
  readonly audioLevel: number;
  /** epoch ms of the latest receiver report; undefined before the first */
  readonly reportedAtMs: number | undefined;
}

/** What is received on one slot. Counters never decrease, also across reconnects; rates are of the last interval. */
export interface InboundStats {
  readonly slot: string;
  readonly kind: 'audio' | 'video';
  readonly codec: string | undefined;
  readonly bytesReceived: number;
  readonly packetsReceived: number;
  readonly bitrateBps: number;
  readonly packetsLost: number;
  /** of the last interval, 0 to 100 */
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** mean time that media waited in the jitter buffer in the last interval */
  readonly jitterBufferMs: number;
  readonly nackCount: number;
  readonly pliCount: number;
  /** of a video */
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly framesPerSecond: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly freezeCount: number;
  readonly freezeMs: number;
  /** of an audio: the part of the last interval that was made up for missing packets, 0 to 100 */
  readonly concealedPercent: number;
  /** of an audio, 0 (silence) to 1 */
  readonly audioLevel: number;
}

/** The path that media takes. */
export interface TransportStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * ICE checks of the other side that arrived: a sign of life without media. Undefined where the browser does not count
   * them (Firefox).
   */
  readonly checksReceived: number | undefined;
  /** Responses to own ICE checks: what is sent arrives, and what comes back, too. Undefined as above. */
  readonly checkResponsesReceived: number | undefined;
  readonly rttMs: number | undefined;
  /** what the browser believes it could send */
  readonly availableOutgoingBps: number | undefined;
  /** `host`, `srflx`, `prflx`, `relay` */
  readonly localCandidateType: string | undefined;
  readonly remoteCandidateType: string | undefined;
  /** `udp` or `tcp`, from here to the first hop */
  readonly protocol: string | undefined;
  readonly relayed: boolean;
}

/** One measurement. */
export interface MediaStats {
  /** epoch ms */
  readonly atMs: number;
  /** since the measurement before; 0 in the first */
  readonly intervalMs: number;
  readonly outbound: readonly OutboundStats[];
  readonly inbound: readonly InboundStats[];
  readonly transport: TransportStats;
}
