import type { Logger } from '@trunkline/core';

const levels = ['silent', 'group', 'groupEnd', 'error', 'warn', 'log', 'info', 'debug', 'trace'];
type Say = (...words: readonly unknown[]) => void;

/** `webex.logger`: to the console, up to `config.logger.level`. */
export interface WebexLogger {
  readonly error: Say;
  readonly warn: Say;
  readonly log: Say;
  readonly info: Say;
  readonly debug: Say;
  readonly trace: Say;
}

export function createLogger(level: () => string | undefined): WebexLogger {
  const say =
    (at: keyof WebexLogger): Say =>
    (...words) => {
      if (levels.indexOf(at) <= Math.max(0, levels.indexOf(level() ?? 'error'))) console[at](...words);
    };
  return {
    error: say('error'),
    warn: say('warn'),
    log: say('log'),
    info: say('info'),
    debug: say('debug'),
    trace: say('trace'),
  };
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
