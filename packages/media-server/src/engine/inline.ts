import { createEngineClock, type EngineClock } from '../core/clock.js';
import { Engine, type EngineOptions } from './engine.js';
import type { EngineLink, LinkEvents } from './link.js';

/** An engine in this process: for tests, and where child processes are not possible. */
export async function createInlineLink(
  options: EngineOptions,
  { onEvent }: LinkEvents,
  clock: EngineClock = createEngineClock(),
): Promise<EngineLink> {
  const engine = await Engine.start(options, clock, onEvent);
  return { call: (name, params) => engine.execute(name, params), close: () => engine.close() };
}
