import { createLogBuffer, sdkError, type LogBuffer, type LogLine, type Logger } from '@trunkline/core';

const levels = ['silent', 'group', 'groupEnd', 'error', 'warn', 'log', 'info', 'debug', 'trace'];
const methods = ['group', 'groupEnd', 'error', 'warn', 'log', 'info', 'debug', 'trace'] as const;
type Method = (typeof methods)[number];
type Say = (...words: readonly unknown[]) => void;
type Says = Readonly<Record<Method | `client_${Method}`, Say>>;

/** `webex.logger`: to the console, up to `config.logger.level`; and kept, for `internal.support.submitLogs`. */
export interface WebexLogger extends Says {
  /** the level up to which lines are shown */
  readonly level: string;
  /** Kept, not shown. */
  readonly logToBuffer: Say;
  readonly client_logToBuffer: Say;
  /** What is kept, as text. With `diff`: what came since the last such call. */
  readonly formatLogs: (options?: { readonly diff?: boolean }) => string;
  getCurrentLevel(): string;
  /** Tokens, addresses and words of messages were never in them. */
  readonly lines: LogBuffer;
}

// @source protocol/presence-devices-support.md §3
const defaultHistoryLength = 10_000;
interface LoggerConfig {
  readonly level?: string | undefined;
  readonly historyLength?: number | undefined;
}

/** @param given the present `config.logger`; `historyLength` is read once */
export function createLogger(given: () => LoggerConfig): WebexLogger {
  const lines = createLogBuffer({ size: sizeOf(given().historyLength) });
  let formatted: LogLine | undefined;
  const level = (): string => given().level ?? 'error';
  const keep =
    (at: Method): Say =>
    (...words) => {
      const kept = at === 'error' || at === 'warn' ? at : at === 'debug' || at === 'trace' ? 'debug' : 'info';
      const texts = words.filter((word) => typeof word === 'string');
      const others = words.filter((word) => typeof word !== 'string');
      lines[kept](others.length === 0 ? {} : { about: others }, texts.join(' '));
    };
  const say = (at: Method): Say => {
    const note = keep(at);
    return (...words) => {
      if (levels.indexOf(at) <= Math.max(0, levels.indexOf(level()))) console[at](...words);
      note(...words);
    };
  };
  const says = Object.fromEntries(
    methods.flatMap((at) => [
      [at, say(at)],
      [`client_${at}`, say(at)],
    ]),
  ) as unknown as Says;
  return {
    ...says,
    lines,
    get level() {
      return level();
    },
    getCurrentLevel: level,
    logToBuffer: keep('info'),
    client_logToBuffer: keep('info'),
    formatLogs: ({ diff = false } = {}) => {
      const all = lines.lines();
      const from = diff && formatted ? all.lastIndexOf(formatted) + 1 : 0;
      if (diff) formatted = all.at(-1);
      return all
        .slice(from)
        .map(({ time, level: at, message, fields }) =>
          [time, 'wx-js-sdk', at, message, JSON.stringify(fields)].join(','),
        )
        .join('\n');
    },
  };
}

function sizeOf(historyLength: unknown = defaultHistoryLength): number {
  if (typeof historyLength === 'number' && Number.isInteger(historyLength) && historyLength > 0)
    return historyLength;
  throw sdkError('ERR_CONFIG', 'config.logger.historyLength: expected a positive integer');
}

/** For core, whose lines are many: all one level lower than there. */
export const coreLogger = (logger: WebexLogger): Logger => ({
  debug: (fields, message) => {
    logger.trace(message, fields);
  },
  info: (fields, message) => {
    logger.debug(message, fields);
  },
  warn: (fields, message) => {
    logger.info(message, fields);
  },
  error: (fields, message) => {
    logger.warn(message, fields);
  },
});
