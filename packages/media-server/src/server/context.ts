import { isMediaError } from '../errors.js';
import type { EngineLink } from '../engine/link.js';
import type { CommandName, CommandParams } from '../engine/protocol.js';
import type { CommandResult } from '../engine/engine.js';

/** What the parts of a media server share. */
export interface Context {
  /** a new id that begins with `prefix` */
  id(prefix: string): string;
  /** Runs a command; fails while the engine restarts. */
  call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>>;
  /** Runs a command whose effect is remembered here: a new engine gets it again, so its loss is not a failure. */
  intend<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Something that a new engine must receive again. */
export interface Restorable {
  /** Commands in the order in which they must be given. */
  restore(): void;
}

export function createContext(link: () => EngineLink, onError: (error: unknown) => void): Context {
  let made = 0;
  const call: Context['call'] = (name, params) => link().call(name, params);
  return {
    id: (prefix) => {
      made += 1;
      return `${prefix}${String(made)}`;
    },
    call,
    intend: async (name, params) => {
      try {
        await call(name, params);
      } catch (error) {
        if (!isMediaError(error) || error.code !== 'ERR_MEDIA_ENGINE_LOST') throw error;
      }
    },
    onError,
  };
}
