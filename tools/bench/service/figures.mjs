// What the parts of the scale bench share: figures against goals, and what the service's process used.
import { readFileSync } from 'node:fs';

export const sorted = (list) => [...list].sort((a, b) => a - b);
export const median = (list) => sorted(list)[list.length >> 1];
/** of a hundred, the sixth slowest */
export const p95 = (list) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * 0.95))];
export const verdict = (isMet) => (isMet ? 'met' : 'MISSED');

/** ms of CPU, user and system, of another process so far, in steps of 10; NaN where the system does not say. */
export function cpuMsOf(pid) {
  try {
    // after the name, which may hold spaces: state is the first, utime the 12th and stime the 13th
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
