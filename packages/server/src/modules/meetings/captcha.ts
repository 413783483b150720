// A code that a person can read or listen to and a program that guesses cannot. It slows guessing of passwords down; it is
// not meant to withstand picture recognition.
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { isSameToken } from '../../kernel/http/access.js';

const digitCount = 5;
const lifeMs = 10 * 60_000;
/** captchas that are open at once */
const most = 1_000;

interface Open {
  /** of the code, with the captcha's own salt */
  readonly hash: string;
  readonly salt: string;
  readonly expiresMs: number;
  readonly image: string;
  readonly audio: Buffer;
}

/** Segments of each digit: top, upper right, lower right, bottom, lower left, upper left, middle. */
const segments: readonly string[] = [
  'abcdef',
  'bc',
  'abged',
  'abgcd',
  'fgbc',
  'afgcd',
  'afgedc',
  'abc',
  'abcdefg',
  'abcdfg',
];
const lines: Readonly<Record<string, readonly [number, number, number, number]>> = {
  a: [0, 0, 20, 0],
  b: [20, 0, 20, 18],
  c: [20, 18, 20, 36],
  d: [0, 36, 20, 36],
  e: [0, 18, 0, 36],
  f: [0, 0, 0, 18],
  g: [0, 18, 20, 18],
};
const jitter = (): number => randomInt(-3, 4);

/** The code as a picture: strokes, each a little off, among other strokes. */
function drawCode(code: string): string {
  const strokes = Array.from(code).flatMap((digit, at) => {
    const left = 18 + at * 36 + jitter();
    const top = 14 + jitter();
    return Array.from(segments[Number(digit)] ?? '').map((name) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = lines[name] ?? [];
      return [left + x1 + jitter(), top + y1 + jitter(), left + x2 + jitter(), top + y2 + jitter()];
    });
  });
  const noise = Array.from({ length: 8 }, () => [
    randomInt(200),
    randomInt(64),
    randomInt(200),
    randomInt(64),
  ]);
  const path = (all: readonly (readonly number[])[]): string =>
    all
      .map(([x1, y1, x2, y2]) => `M${String(x1)} ${String(y1)}L${String(x2)} ${String(y2)}`)
      .sort()
      .join('');
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="64" viewBox="0 0 200 64" role="img">' +
    '<title>Type the five digits</title><rect width="200" height="64" fill="#fff"/>' +
    `<path d="${path(noise)}" stroke="#999" stroke-width="1"/>` +
    `<path d="${path(strokes)}" stroke="#222" stroke-width="4" stroke-linecap="round"/></svg>`
  );
}

const sampleRate = 8_000;
/** The code as sound: each digit is as many short tones, ten for a zero, with a pause between digits. */
function playCode(code: string): Buffer {
  const samples: number[] = [];
  const add = (ms: number, frequency: number): void => {
    const count = (sampleRate * ms) / 1000;
    for (let at = 0; at < count; at += 1)
      samples.push(
        Math.round(Math.sin((2 * Math.PI * frequency * at) / sampleRate) * (frequency > 0 ? 9_000 : 0)) +
          randomInt(-400, 400),
      );
  };
  for (const digit of code) {
    const beeps = digit === '0' ? 10 : Number(digit);
    for (let at = 0; at < beeps; at += 1) {
      add(90, 620);
      add(110, 0);
    }
    add(900, 0);
  }
  const data = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, at) => data.writeInt16LE(sample, at * 2));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const hashOf = (code: string, salt: string): string =>
  createHash('sha256').update(`${salt}/${code}`).digest('hex');

/** Captchas that wait for an answer. */
export class Captchas {
  readonly #open = new Map<string, Open>();

  constructor(
    private readonly now: () => number,
    /** for tests */
    private readonly newCode: () => string = () =>
      Array.from({ length: digitCount }, () => String(randomInt(10))).join(''),
  ) {}

  /** Makes one; its id cannot be guessed. */
  issue(): string {
    const code = this.newCode();
    const salt = randomBytes(16).toString('hex');
    const id = randomUUID();
    this.#open.set(id, {
      salt,
      hash: hashOf(code, salt),
      expiresMs: this.now() + lifeMs,
      image: drawCode(code),
      audio: playCode(code),
    });
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= most) break;
      this.#open.delete(oldest);
    }
    return id;
  }
  /** The picture and the sound of one; undefined when it was answered or its time is over. */
  find(id: string): Pick<Open, 'image' | 'audio'> | undefined {
    const open = this.#open.get(id);
    if (open !== undefined && this.now() < open.expiresMs) return open;
    this.#open.delete(id);
    return undefined;
  }
  /** Takes an answer. Right or wrong, the captcha is used up. */
  answer(id: string, code: string): boolean {
    const open = this.find(id) === undefined ? undefined : this.#open.get(id);
    this.#open.delete(id);
    return open !== undefined && isSameToken(hashOf(code.trim(), open.salt), open.hash);
  }
  forget(id: string): void {
    this.#open.delete(id);
  }
}
