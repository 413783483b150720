import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mediaError, type MediaError, type MediaErrorCode } from '../errors.js';
import type { CommandResult, EngineOptions } from './engine.js';
import type { EngineLink, LinkEvents } from './link.js';
import { events, phase, type CommandName, type CommandParams, type EventName } from './protocol.js';
import { flag, id, integer, object, optional, text } from './shape.js';

/** How the child process is started. */
export interface ChildEntry {
  readonly file: string;
  readonly execArgv: readonly string[];
}
export interface SupervisorOptions {
  readonly engine: EngineOptions;
  readonly entry: ChildEntry;
  /** ms before a second start after a start that failed; doubles up to 10 s; default 250 */
  readonly restartDelayMs?: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const startTimeoutMs = 20_000;
const closeTimeoutMs = 5000;
const maxRestartDelayMs = 10_000;

const errorShape = object({ code: id, phase, message: text(), retryable: flag });
const reply = object({ request: integer(1, Number.MAX_SAFE_INTEGER), error: optional(errorShape) });
const startReply = object({ started: flag, error: optional(errorShape) });
const eventName = object({ event: id });

const fromFields = (fields: ReturnType<typeof errorShape>): MediaError =>
  mediaError(fields.code as MediaErrorCode, fields.phase, fields.message, {
    retryable: fields.retryable,
  });

/** Runs the engine in a child process and starts another one when it dies. */
export async function createSupervisor(
  { engine, entry, restartDelayMs = 250 }: SupervisorOptions,
  { onEvent, onLost, onRestarted }: LinkEvents,
): Promise<EngineLink & { readonly pid: () => number | undefined }> {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  /** the child, once it has started: what is sent before would be taken for the first message */
  let ready: ChildProcess | undefined;
  let requests = 0;
  let closing = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  const receive = (message: unknown): void => {
    if (typeof message !== 'object' || message === null) return;
    if ('event' in message) {
      const { event } = eventName(message, 'event');
      if (!Object.hasOwn(events, event)) throw new Error(`there is no event ${event}`);
      const name = event as EventName;
      onEvent(name, events[name]((message as { readonly params?: unknown }).params, name) as never);
    } else if ('request' in message) {
      const { request, error } = reply(message, 'reply');
      const one = waiting.get(request);
      waiting.delete(request);
      if (error) one?.reject(fromFields(error));
      else one?.resolve((message as { readonly result?: unknown }).result);
    }
  };

  const lost = (reason: string): MediaError =>
    mediaError('ERR_MEDIA_ENGINE_LOST', 'media', `The media engine ended (${reason}). Negotiate again.`, {
      retryable: true,
    });

  async function start(): Promise<void> {
    const one = fork(entry.file, [], {
      execArgv: [...entry.execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child = one;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        one.kill('SIGKILL');
        fail('it did not start in time');
      }, startTimeoutMs);
      const fail = (reason: string, cause?: unknown) => {
        clearTimeout(late);
        const message = `The media engine did not start: ${reason}.`;
        reject(mediaError('ERR_MEDIA_ENGINE_START', 'setup', message, { retryable: true, cause }));
      };
      one.once('error', (cause) => {
        fail(cause.message, cause);
      });
      one.once('exit', (code, signal) => {
        fail(`exit ${String(signal ?? code)}`);
      });
      one.once('message', (message: unknown) => {
        clearTimeout(late);
        try {
          const { started, error } = startReply(message, 'start');
          if (started) resolve();
          else if (error) reject(fromFields(error));
          else fail('it gave no reason');
        } catch (error) {
          fail('its first message is malformed', error);
        }
      });
      one.send({ start: engine });
    });
    one.removeAllListeners('exit');
    one.on('message', (message) => {
      try {
        receive(message);
      } catch (error) {
        onEvent('trouble', { message: String(error) });
      }
    });
    one.on('exit', (code, signal) => {
      ended(one, String(signal ?? code));
    });
    failures = 0;
    ready = one;
  }

  function ended(one: ChildProcess, reason: string): void {
    if (child !== one) return;
    child = undefined;
    ready = undefined;
    const error = lost(reason);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
    if (closing) return;
    onLost(reason, false);
    restart(0);
  }

  function restart(delayMs: number): void {
    timer = setTimeout(() => {
      start().then(
        () => {
          if (!closing) onRestarted();
        },
        (error: unknown) => {
          child?.kill('SIGKILL');
          child = undefined;
          failures += 1;
          onEvent('trouble', { message: String(error) });
          if (!closing) restart(Math.min(maxRestartDelayMs, restartDelayMs * 2 ** (failures - 1)));
        },
      );
    }, delayMs);
  }

  function call<Name extends CommandName>(
    command: Name,
    params: CommandParams<Name>,
  ): Promise<CommandResult<Name>> {
    const one = ready;
    if (!one?.connected) return Promise.reject(lost('it is being restarted'));
    requests += 1;
    const request = requests;
    return new Promise<CommandResult<Name>>((resolve, reject) => {
      waiting.set(request, {
        resolve: (value) => {
          resolve(value as CommandResult<Name>);
        },
        reject,
      });
      one.send({ request, command, params }, (error) => {
        if (!error) return;
        waiting.delete(request);
        reject(lost(error.message));
      });
    });
  }

  async function close(): Promise<void> {
    if (closing) return;
    closing = true;
    clearTimeout(timer);
    const one = child;
    if (!one) return;
    const exited = once(one, 'exit');
    const kill = setTimeout(() => one.kill('SIGKILL'), closeTimeoutMs);
    await call('close', {}).catch(() => undefined);
    if (one.connected) one.disconnect();
    await exited;
    clearTimeout(kill);
  }

  try {
    await start();
  } catch (error) {
    child?.kill('SIGKILL');
    throw error;
  }
  return { call, close, pid: () => child?.pid };
}
