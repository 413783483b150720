/** Signed distance `a - b` of two 16-bit RTP sequence numbers, -32768 to 32767. */
export const sequenceDifference = (a: number, b: number): number => ((a - b + 0x18000) & 0xffff) - 0x8000;

/** Signed distance `a - b` of two 32-bit RTP timestamps. */
export const timestampDifference = (a: number, b: number): number => (a - b) | 0;

/** A random SSRC: 1 to 2^32 - 2. */
export const randomSsrc = (): number => (Math.random() * 0xfffffffd + 1) >>> 0;
