import { clientTable } from './client-table.js';
import { clientTieBreaker } from './message.js';
import { serviceTable } from './service-table.js';
import type { Given, RoapContext, RoapEffect, RoapEvent, RoapInput, RoapRow, RoapState } from './table.js';

/** A machine's state, as plain data. */
export interface RoapSnapshot {
  readonly state: RoapState;
  readonly context: RoapContext;
}

/** The result of one input. */
export interface RoapStep extends RoapSnapshot {
  /** to be carried out in this order */
  readonly effects: readonly RoapEffect[];
  /** name of the row that was taken */
  readonly row: string;
}

const absent = { messageType: 'ERROR', seq: 0 } as const;
const eventOf = (input: RoapInput): RoapEvent =>
  input.type === 'message' ? input.message.messageType : input.type;
const includes = (on: RoapRow['on'], input: RoapInput): boolean => {
  if (on === 'anyMessage') return input.type === 'message';
  return typeof on === 'string' ? on === eventOf(input) : on.includes(eventOf(input));
};

/**
 * Takes one input: finds the first row of the table that fits and returns the next state with what is to be done. Pure.
 *
 * @param retryAfterS seconds that a refusal may ask the other side to wait, 0 to 10
 */
export function roapStep(
  table: readonly RoapRow[],
  { state, context }: RoapSnapshot,
  input: RoapInput,
  retryAfterS = 0,
): RoapStep {
  const given: Given = {
    sdp: 'sdp' in input ? input.sdp : '',
    cause: 'cause' in input ? input.cause : undefined,
    message: input.type === 'message' ? input.message : absent,
    retryAfter: retryAfterS,
  };
  const row = table.find(
    ({ from, on, when }) =>
      (from === 'any' || from.includes(state)) && includes(on, input) && (when?.(context, given) ?? true),
  );
  if (row === undefined) return { state, context, effects: [], row: 'none' };
  const next = { ...context, ...row.set?.(context, given) };
  const effects = row.effects?.(next, given) ?? [];
  if (row.to === 'settle' && next.queued)
    return {
      state: 'creatingLocalOffer',
      context: { ...next, seq: next.seq + 1, queued: false, requested: false },
      effects: [...effects, { do: 'createOffer' }],
      row: row.name,
    };
  const to = row.to === 'same' ? state : row.to === 'settle' ? 'idle' : row.to;
  return { state: to, context: next, effects, row: row.name };
}

/** One side of an offer/answer exchange. It does nothing itself: the owner carries out the effects. */
export interface RoapMachine {
  readonly state: RoapState;
  /** of the last offer on either side */
  readonly seq: number;
  /** Takes one input and returns what is to be done, in order. */
  input(input: RoapInput): RoapStep;
}

export interface RoapMachineOptions {
  readonly role: 'client' | 'service';
  /** Of the exchange that this one continues, such as that of the peer connection before it. Default 0. */
  readonly seq?: number;
  /** Of own offers. Default: 0xFFFFFFFE for a client, a random lower one for a service. */
  readonly tieBreaker?: number;
  /** 0 to 1, for tests. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Makes one side of a ROAP exchange.
 *
 * @example
 * const roap = createRoapMachine({ role: 'service' });
 * const { effects } = roap.input({ type: 'message', message: offer }); // [{ do: 'applyOffer', sdp }]
 */
export function createRoapMachine({
  role,
  seq = 0,
  random = Math.random,
  tieBreaker = role === 'client' ? clientTieBreaker : Math.floor(random() * clientTieBreaker),
}: RoapMachineOptions): RoapMachine {
  const table = role === 'client' ? clientTable : serviceTable;
  let now: RoapSnapshot = {
    state: 'idle',
    context: { seq, retries: 0, queued: false, withoutOk: false, requested: false, tieBreaker },
  };
  return {
    get state() {
      return now.state;
    },
    get seq() {
      return now.context.seq;
    },
    input(input) {
      const step = roapStep(table, now, input, Math.floor(random() * 11));
      now = { state: step.state, context: step.context };
      return step;
    },
  };
}
