import type { Router } from '../core/router.js';
import type { Sender } from '../core/sender.js';
import type { Source } from '../core/source.js';
import { AudioInput } from './input.js';
import { frameMs, frameSamples, type OpusLibrary } from './opus.js';
import { AudioOutput } from './output.js';
import { SpeakerDetector, type Speakers } from './speakers.js';

/** Who takes part in a mix: with something to say, with ears, or both. */
export interface MixParticipant {
  readonly id: string;
  readonly source: Source | undefined;
  readonly sender: Sender | undefined;
}
interface Member extends MixParticipant {
  readonly input: AudioInput | undefined;
  /** the mix without the member's own voice; made when it first speaks */
  minus: AudioOutput | undefined;
  muted: boolean;
  frame: Int16Array | undefined;
}

export interface MixParts {
  readonly id: string;
  readonly opus: OpusLibrary;
  readonly router: Router;
  readonly onSpeakers: (speakers: Speakers) => void;
}

/** who is mixed beside those that speak already: more voices are noise */
const maxVoices = 6;
/** quieter than this is not mixed */
const audibleDb = -60;
/** frames made up for at most after a pause of the process */
const maxCatchUp = 5;

/**
 * Mixes audio: each participant receives all others. Two people get each other's packets as they are; with more, those who are
 * silent share one encoded mix, and each speaker gets one without the own voice.
 */
export class AudioMix {
  /** the whole mix: for recorders and taps, too */
  readonly output: AudioOutput;
  readonly #parts: MixParts;
  readonly #members = new Map<string, Member>();
  readonly #speakers = new SpeakerDetector();
  readonly #sum = new Int32Array(frameSamples);
  #tick = 0;
  #nextMs: number | undefined;

  constructor(parts: MixParts) {
    this.#parts = parts;
    this.output = new AudioOutput(parts.opus, parts.router.source(parts.id), parts.id);
  }

  join({ id, source, sender }: MixParticipant): void {
    this.leave(id);
    const input = source && new AudioInput(this.#parts.opus);
    if (source && input) {
      source.kind ??= 'audio';
      source.sinks.add(input);
    }
    this.#members.set(id, { id, source, sender, input, minus: undefined, muted: false, frame: undefined });
  }

  leave(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    if (member.input) member.source?.sinks.delete(member.input);
    member.input?.close();
    member.sender?.stream.watch(undefined, 0, 0);
    this.#speakers.remove(id);
    this.#closeMinus(member);
  }

  /** A muted member is neither in the mix nor a speaker, whatever its client sends. */
  mute(id: string, muted: boolean): void {
    const member = this.#members.get(id);
    if (member) member.muted = muted;
  }
  get size(): number {
    return this.#members.size;
  }

  /** Call about every 20 ms; frames follow the clock, not the calls. */
  tick(nowMs: number): void {
    this.#nextMs ??= nowMs;
    if (nowMs - this.#nextMs > maxCatchUp * frameMs) this.#nextMs = nowMs;
    while (this.#nextMs <= nowMs) {
      this.#mixFrame(nowMs);
      this.#nextMs += frameMs;
    }
    const speakers = this.#speakers.take(nowMs);
    if (speakers) this.#parts.onSpeakers(speakers);
  }

  close(): void {
    for (const id of [...this.#members.keys()]) this.leave(id);
    this.output.close();
    this.#parts.router.remove(this.#parts.id);
  }

  #mixFrame(nowMs: number): void {
    this.#tick += 1;
    const pair = this.#pair();
    const mixes = !pair || !this.output.idle;
    for (const member of this.#members.values()) {
      if (!member.input) continue;
      member.input.levelOnly = !mixes;
      const frame = member.input.frame(nowMs);
      this.#speakers.update(member.id, member.muted ? -127 : member.input.levelDb, nowMs);
      // the first syllable is louder than silence before it counts as speech
      const audible = member.input.levelDb > audibleDb || this.#speakers.isSpeaking(member.id);
      member.frame = audible && !member.muted ? frame : undefined;
    }
    if (pair) this.#forward(pair, nowMs);
    if (!mixes) return;
    const voices = this.#voices();
    this.#sum.fill(0);
    for (const { frame } of voices) if (frame) add(this.#sum, frame);
    if (!pair) this.#write(voices, nowMs);
    this.output.write(voices.length > 0 ? clip(this.#sum) : undefined, this.#tick, nowMs);
  }

  /** Two who both send and receive, and no one else who sends: nothing needs to be mixed. */
  #pair(): readonly [Member, Member] | undefined {
    if (this.#members.size !== 2) return undefined;
    const [first, second] = this.#members.values();
    return first?.source && first.sender && second?.source && second.sender ? [first, second] : undefined;
  }
  #forward([first, second]: readonly [Member, Member], nowMs: number): void {
    first.sender?.stream.watch(second.muted ? undefined : second.source, 0, nowMs);
    second.sender?.stream.watch(first.muted ? undefined : first.source, 0, nowMs);
    this.#closeMinus(first);
    this.#closeMinus(second);
  }

  #voices(): readonly Member[] {
    const voices = [...this.#members.values()].filter(({ frame }) => frame !== undefined);
    if (voices.length <= maxVoices) return voices;
    return voices.sort((a, b) => (b.input?.levelDb ?? 0) - (a.input?.levelDb ?? 0)).slice(0, maxVoices);
  }

  #write(voices: readonly Member[], nowMs: number): void {
    const { id, opus, router } = this.#parts;
    for (const member of this.#members.values()) {
      const { sender } = member;
      if (!sender) continue;
      if (!voices.includes(member)) {
        sender.stream.watch(this.output.source, 0, nowMs);
        continue;
      }
      member.minus ??= new AudioOutput(opus, router.source(`${id}-${member.id}`), id);
      sender.stream.watch(member.minus.source, 0, nowMs);
      const others = voices.length > 1 ? without(this.#sum, member.frame) : undefined;
      member.minus.write(others, this.#tick, nowMs);
    }
  }

  #closeMinus(member: Member): void {
    if (!member.minus) return;
    member.minus.close();
    this.#parts.router.remove(member.minus.source.id);
    member.minus = undefined;
  }
}

function add(sum: Int32Array, frame: Int16Array): void {
  for (let index = 0; index < frameSamples; index += 1) sum[index] = (sum[index] ?? 0) + (frame[index] ?? 0);
}
const clipped = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);
function clip(sum: Int32Array): Int16Array {
  const frame = new Int16Array(frameSamples);
  for (let index = 0; index < frameSamples; index += 1) frame[index] = clipped(sum[index] ?? 0);
  return frame;
}
function without(sum: Int32Array, own: Int16Array | undefined): Int16Array {
  const frame = new Int16Array(frameSamples);
  for (let index = 0; index < frameSamples; index += 1)
    frame[index] = clipped((sum[index] ?? 0) - (own?.[index] ?? 0));
  return frame;
}
