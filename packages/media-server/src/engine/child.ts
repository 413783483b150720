import { createEngineClock } from '../core/clock.js';
import { errorFields } from '../errors.js';
import { Engine, type EngineOptions } from './engine.js';
import { commands, type CommandName } from './protocol.js';
import { id, integer, list, object, oneOf, text } from './shape.js';

/** What the child sends first, and how requests and replies look. */
export interface Request {
  readonly request: number;
  readonly command: CommandName;
  readonly params: unknown;
}

const readOptions = object({
  transport: oneOf('auto', 'node-datachannel', 'werift'),
  opus: oneOf('auto', '@evan/opus', 'opusscript'),
  host: id,
  port: integer(0, 65_535),
  lastPort: integer(0, 65_535),
  announcedAddresses: list(text(255), 16),
  connectTimeoutMs: integer(1, 600_000),
});
const readRequest = object({ request: integer(1, Number.MAX_SAFE_INTEGER), command: id });

/** Runs an engine in a child process: requests come and events leave over the process's IPC channel. */
export function runChild(): void {
  const send = (message: object): void => {
    if (process.connected) process.send?.(message);
  };
  let engine: Engine | undefined;
  const emit: Engine['emit'] = (event, params) => {
    send({ event, params });
  };
  const answer = async (raw: unknown): Promise<void> => {
    const { request, command } = readRequest(raw, 'request');
    try {
      if (!engine) throw new Error('the engine has not started');
      if (!Object.hasOwn(commands, command)) throw new Error(`there is no command ${command}`);
      const name = command as CommandName;
      const params = commands[name]((raw as Request).params, name) as never;
      send({ request, result: await engine.execute(name, params) });
    } catch (error) {
      send({ request, error: errorFields(error) });
    }
  };
  const start = async (raw: unknown): Promise<void> => {
    try {
      const options: EngineOptions = readOptions(raw, 'options');
      engine = await Engine.start(options, createEngineClock(), emit);
      send({ started: true });
    } catch (error) {
      send({ started: false, error: errorFields(error, 'setup') });
    }
  };
  process.on('message', (message: unknown) => {
    const start_ = (message as { readonly start?: unknown } | null)?.start;
    void (start_ === undefined ? answer(message) : start(start_)).catch((error: unknown) => {
      emit('trouble', { message: String(error) });
    });
  });
  // the service is gone: nothing may be left behind
  process.on('disconnect', () => {
    const done = () => process.exit(0);
    setTimeout(done, 2000).unref();
    void (engine?.close() ?? Promise.resolve()).then(done, done);
  });
  // ends with the service, which closes recordings first; a terminal sends these to the whole group
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('unhandledRejection', (error) => {
    emit('trouble', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
}
