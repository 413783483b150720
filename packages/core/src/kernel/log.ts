/** Fields are objects, not text. Levels: house style §3.10. Pino and console fit. */
export interface Logger {
  /** Logs details for debugging. */
  debug(fields: object, message: string): void;
  /** Logs normal operation. */
  info(fields: object, message: string): void;
  /** Logs something unexpected that was handled. */
  warn(fields: object, message: string): void;
  /** Logs a failure. */
  error(fields: object, message: string): void;
}

const nothing = (): void => undefined;
/** Says nothing. The default: libraries are silent unless a logger is given. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
