import type { MediaEnvironment } from './environment.js';
import { mediaError } from './errors.js';
import { createEmitter, type Clock, type Listenable } from './kit.js';

export interface LevelEvents {
  /** The present level, 0 (silence) to 1 (as loud as it gets). */
  level: { readonly level: number };
}

/** Measures the loudness of a track, for a meter beside a preview. */
export interface LevelMeter extends Listenable<LevelEvents> {
  /** 0 to 1 */
  readonly level: number;
  /** False while the browser waits for a click before it processes sound: then the level is 0. */
  readonly running: boolean;
  /** Call it inside a click handler when `running` is false. */
  resume(): Promise<void>;
  /** Measures another track; undefined for silence. */
  setTrack(track: MediaStreamTrack | undefined): void;
  /** Stops measuring and releases the audio context. The track goes on. */
  close(): void;
}

export interface LevelOptions {
  /** milliseconds between two values. Default 100 */
  readonly intervalMs?: number;
}

/** The root mean square of a signal, scaled so that speech at a usual distance shows as about a half. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
  // -60 dB is silence, 0 dB is full scale
  const decibels = rms > 0 ? 20 * Math.log10(rms) : -Infinity;
  return Math.min(1, Math.max(0, 1 + decibels / 60));
}

/** @throws {MediaError} `ERR_ENVIRONMENT` without AudioContext */
export function createLevelMeter(
  environment: MediaEnvironment,
  clock: Clock,
  report: (error: unknown, context: string) => void,
  { intervalMs = 100 }: LevelOptions = {},
): LevelMeter {
  const { AudioContext: Context, MediaStream: Stream } = environment;
  if (Context === undefined || Stream === undefined)
    throw mediaError('ERR_ENVIRONMENT', 'device', 'level meter: this runtime has no AudioContext.');
  const emitter = createEmitter<LevelEvents>((error) => {
    report(error, "a listener of meter.on('level')");
  });
  const context = new Context();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const samples = new Float32Array(analyser.fftSize);
  let source: MediaStreamAudioSourceNode | undefined;
  let track: MediaStreamTrack | undefined;
  let level = 0;
  let closed = false;
  let cancel: () => void = () => undefined;

  const measure = (): void => {
    if (source && track?.enabled === true && context.state === 'running') {
      analyser.getFloatTimeDomainData(samples);
      level = levelOf(samples);
    } else level = 0;
    emitter.emit('level', { level });
    next();
  };
  const next = (): void => {
    if (!closed) cancel = clock.after(intervalMs, measure, { unref: true });
  };
  next();

  return {
    on: emitter.on,
    once: emitter.once,
    get level() {
      return level;
    },
    get running() {
      return context.state === 'running';
    },
    resume: () => context.resume(),
    setTrack(given) {
      source?.disconnect();
      source = undefined;
      track = given;
      if (given === undefined || closed) return;
      source = context.createMediaStreamSource(new Stream([given]));
      source.connect(analyser);
    },
    close() {
      if (closed) return;
      closed = true;
      cancel();
      source?.disconnect();
      emitter.removeAllListeners();
      context.close().catch(() => undefined);
    },
  };
}
