/** Totals of one transport since it was made. */
export interface Counters {
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** neither RTP nor RTCP, or an SSRC of no section */
  ignored: number;
  nackSent: number;
  nackReceived: number;
  rtxReceived: number;
  keyframesAsked: number;
  keyframesWished: number;
}
export const createCounters = (): Counters => ({
  packetsIn: 0,
  packetsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  ignored: 0,
  nackSent: 0,
  nackReceived: 0,
  rtxReceived: 0,
  keyframesAsked: 0,
  keyframesWished: 0,
});
