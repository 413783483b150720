import { sampleRate } from './opus.js';

/** Mono samples at 48 kHz, from interleaved ones at another rate. Linear: for prompts and hold music. */
export function toMono48k(samples: Int16Array, channels: number, rate: number): Int16Array {
  const frames = Math.floor(samples.length / channels);
  const mono = new Float64Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += samples[frame * channels + channel] ?? 0;
    mono[frame] = sum / channels;
  }
  const length = Math.floor((frames * sampleRate) / rate);
  const result = new Int16Array(length);
  for (let index = 0; index < length; index += 1) {
    const position = (index * rate) / sampleRate;
    const left = Math.floor(position);
    const a = mono[left] ?? 0;
    const b = mono[Math.min(left + 1, frames - 1)] ?? a;
    result[index] = Math.round(a + (b - a) * (position - left));
  }
  return result;
}
