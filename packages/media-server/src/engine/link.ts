import type { CommandName, CommandParams, EmitEvent, EventName, EventParams } from './protocol.js';
import type { CommandResult } from './engine.js';

/** The way to an engine, in this process or in a child. */
export interface EngineLink {
  call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>>;
  /** Closes recorders, transports and ports, then the engine. */
  close(): Promise<void>;
}

export interface LinkEvents {
  readonly onEvent: EmitEvent;
  /** The engine is gone. A new one follows by itself, unless `final`. */
  readonly onLost: (reason: string, final: boolean) => void;
  /** A new engine runs, and knows nothing yet. */
  readonly onRestarted: () => void;
}

/** One event as it travels. */
export interface EventMessage<Name extends EventName = EventName> {
  readonly event: Name;
  readonly params: EventParams<Name>;
}
