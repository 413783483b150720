import { systemClock, type Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import { redact } from './redact.js';

type Level = keyof Logger;

/** What was logged, fit to be sent to support. */
export interface LogLine {
  /** ISO 8601 */
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogBufferOptions {
  /** how many lines are kept, the latest; default 500 */
  readonly size?: number;
  /** Gets each line too, redacted as it is kept. */
  readonly next?: Logger;
  readonly clock?: Pick<Clock, 'now'>;
}

export interface LogBuffer extends Logger {
  /** Oldest first. */
  readonly lines: () => readonly LogLine[];
  /** The same as text, a line each. */
  readonly text: () => string;
  /** Removes all lines. */
  readonly clear: () => void;
}

/**
 * A logger that keeps the latest lines in memory, for a "send us the log" button. What it keeps never held a token, an
 * authorization or the text of a message: see {@link redact}.
 *
 * @example
 * const log = createLogBuffer({ size: 200 });
 * const client = createClient({ token, logger: log });
 * button.onclick = () => navigator.clipboard.writeText(log.text());
 */
export function createLogBuffer({ size = 500, next, clock = systemClock }: LogBufferOptions = {}): LogBuffer {
  let kept: LogLine[] = [];
  const keep =
    (level: Level) =>
    (fields: object, message: string): void => {
      const line = {
        time: new Date(clock.now()).toISOString(),
        level,
        message: String(redact(message)),
        // an Error may stand in for the fields
        fields: redact(fields instanceof Error ? { error: fields } : fields) as Record<string, unknown>,
      };
      kept.push(line);
      // in one go now and then, not one by one
      if (kept.length >= 2 * size) kept = kept.slice(kept.length - size);
      next?.[level](line.fields, line.message);
    };
  const lines = (): readonly LogLine[] => kept.slice(Math.max(0, kept.length - size));
  return {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    lines,
    text: () =>
      lines()
        .map(({ time, level, message, fields }) => `${time} ${level} ${message} ${JSON.stringify(fields)}`)
        .join('\n'),
    clear: () => {
      kept = [];
    },
  };
}
