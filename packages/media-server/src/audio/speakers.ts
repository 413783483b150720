import { silenceDb } from './level.js';

/** Who speaks, as a mix reports it. */
export interface Speakers {
  /** participants that speak now, loudest first */
  readonly speaking: readonly string[];
  /** the participant to show; stays the last one who spoke until another does. undefined before anybody spoke */
  readonly dominant: string | undefined;
}

interface Voice {
  levelDb: number;
  loudSinceMs: number | undefined;
  lastLoudMs: number;
  speaking: boolean;
}

/** louder than this is speech */
const speechDb = -50;
/** a cough is shorter */
const attackMs = 60;
/** pauses between words are shorter */
const releaseMs = 700;
/** the picture does not change more often */
const holdMs = 1000;
/** who takes over must be this much louder than who still speaks */
const marginDb = 6;
/** of the running level, per frame of 20 ms */
const rise = 0.3;
const fall = 0.05;

/** Finds who speaks and who is dominant, with hysteresis. */
export class SpeakerDetector {
  readonly #voices = new Map<string, Voice>();
  #dominant: string | undefined;
  #dominantSinceMs = -Infinity;
  #reported = '[[],null]';

  /** Call for each frame of 20 ms of each participant. */
  update(participant: string, levelDb: number, nowMs: number): void {
    let voice = this.#voices.get(participant);
    if (!voice) {
      voice = { levelDb: silenceDb, loudSinceMs: undefined, lastLoudMs: -Infinity, speaking: false };
      this.#voices.set(participant, voice);
    }
    const share = levelDb > voice.levelDb ? rise : fall;
    voice.levelDb += (levelDb - voice.levelDb) * share;
    if (levelDb > speechDb) {
      voice.loudSinceMs ??= nowMs;
      voice.lastLoudMs = nowMs;
      if (nowMs - voice.loudSinceMs >= attackMs) voice.speaking = true;
    } else voice.loudSinceMs = nowMs - voice.lastLoudMs > attackMs ? undefined : voice.loudSinceMs;
    if (voice.speaking && nowMs - voice.lastLoudMs > releaseMs) voice.speaking = false;
  }

  remove(participant: string): void {
    this.#voices.delete(participant);
    if (this.#dominant === participant) this.#dominant = undefined;
  }

  /** True while the participant speaks, pauses included. */
  isSpeaking(participant: string): boolean {
    return this.#voices.get(participant)?.speaking ?? false;
  }

  /** The speakers, when they are others than at the previous call. */
  take(nowMs: number): Speakers | undefined {
    const speaking = [...this.#voices]
      .filter(([, voice]) => voice.speaking)
      .sort(([, a], [, b]) => b.levelDb - a.levelDb)
      .map(([participant]) => participant);
    this.#choose(speaking, nowMs);
    // the order alone is not a change: it would be one at every word
    const state = JSON.stringify([[...speaking].sort(), this.#dominant]);
    if (state === this.#reported) return undefined;
    this.#reported = state;
    return { speaking, dominant: this.#dominant };
  }

  #choose(speaking: readonly string[], nowMs: number): void {
    const [loudest] = speaking;
    if (loudest === undefined || loudest === this.#dominant) return;
    const current = this.#dominant === undefined ? undefined : this.#voices.get(this.#dominant);
    const louder = this.#voices.get(loudest)?.levelDb ?? silenceDb;
    if (current?.speaking === true) {
      const held = nowMs - this.#dominantSinceMs < holdMs;
      if (held || louder - current.levelDb < marginDb) return;
    }
    this.#dominant = loudest;
    this.#dominantSinceMs = nowMs;
  }
}
