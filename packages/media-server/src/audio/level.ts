/** What counts as silence. */
export const silenceDb = -127;

/** Root mean square level of samples: dB below full scale, -127 to 0. */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return silenceDb;
  const rms = Math.sqrt(sum / samples.length) / 32_768;
  return Math.max(silenceDb, 20 * Math.log10(rms));
}
