// Reads captchas as a person does: counts the tones of the sound, and looks at the strokes of the picture.
const headBytes = 44;
/** samples of one window, 10 ms */
const windowSamples = 80;
const loud = 3_000;

/** The code that a WAV plays: as many tones as each digit says, ten for a zero, with a pause between digits. */
export function listen(wav: Buffer): string {
  const samples = Array.from({ length: (wav.length - headBytes) / 2 }, (_, at) =>
    wav.readInt16LE(headBytes + at * 2),
  );
  let digits = '';
  let tones = 0;
  let silence = 0;
  let wasLoud = false;
  for (let at = 0; at + windowSamples <= samples.length; at += windowSamples) {
    const peak = Math.max(...samples.slice(at, at + windowSamples).map(Math.abs));
    const isLoud = peak > loud;
    if (isLoud && !wasLoud) tones += 1;
    silence = isLoud ? 0 : silence + 1;
    wasLoud = isLoud;
    // half a second
    if (silence === 50 && tones > 0) {
      digits += String(tones % 10);
      tones = 0;
    }
  }
  return digits;
}

const digitPatterns = [
  'abcdef',
  'bc',
  'abdeg',
  'abcdg',
  'bcfg',
  'acdfg',
  'acdefg',
  'abc',
  'abcdefg',
  'abcdfg',
];
const segmentEnds = {
  a: [0, 0, 20, 0],
  b: [20, 0, 20, 18],
  c: [20, 18, 20, 36],
  d: [0, 36, 20, 36],
  e: [0, 18, 0, 36],
  f: [0, 0, 0, 18],
  g: [0, 18, 20, 18],
} as const;

/** The code that the thick strokes of a picture show: five digits of seven segments. */
export function look(svg: string): string {
  const thick = /<path d="([^"]*)" stroke="#222"/.exec(svg)?.[1] ?? '';
  const strokes = [...thick.matchAll(/M(-?\d+) (-?\d+)L(-?\d+) (-?\d+)/g)].map((match) =>
    match.slice(1).map(Number),
  );
  return Array.from({ length: 5 }, (_, at) => {
    const lit = Object.entries(segmentEnds).filter(([, ends]) =>
      strokes.some((stroke) =>
        ends.every(
          (end, index) => Math.abs(end + (index % 2 === 0 ? 18 + at * 36 : 14) - (stroke[index] ?? NaN)) <= 6,
        ),
      ),
    );
    return String(digitPatterns.indexOf(lit.map(([name]) => name).join('')));
  }).join('');
}
