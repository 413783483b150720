// The vocabulary of the two transition tables: states, inputs, effects, rows.
import { noOk, roapVersion, type RoapErrorType, type RoapMessage } from './message.js';

export type RoapState =
  | 'idle'
  | 'creatingLocalOffer'
  | 'waitingForAnswer'
  | 'settingRemoteAnswer'
  | 'settingRemoteOffer'
  | 'waitingForOk'
  /** the own peer connection failed; final */
  | 'localError'
  /** the other side refused, or did not answer; final */
  | 'remoteError';

/** What a machine remembers beside its state. */
export interface RoapContext {
  /** of the last offer on either side; kept across peer connections */
  readonly seq: number;
  /** offers sent again since the last answer */
  readonly retries: number;
  /** a negotiation was asked for while another ran: one follows */
  readonly queued: boolean;
  /** the present transaction ends without OK */
  readonly withoutOk: boolean;
  /** the present offer answers an OFFER_REQUEST */
  readonly requested: boolean;
  /** of own offers */
  readonly tieBreaker: number;
}

/** What happens to a machine: a message, or a step of the peer connection that it drives. */
export type RoapInput =
  | { readonly type: 'negotiate' }
  | { readonly type: 'offerReady'; readonly sdp: string }
  | { readonly type: 'answerReady'; readonly sdp: string }
  | { readonly type: 'answerApplied' }
  | { readonly type: 'localFailure'; readonly cause?: string }
  | { readonly type: 'answerTimeout' }
  /** the carrier could not deliver the offer */
  | { readonly type: 'undelivered' }
  | { readonly type: 'message'; readonly message: RoapMessage };

/** What the owner of a machine has to do. */
export type RoapEffect =
  /** create a local offer, then give `offerReady`, or `localFailure` */
  | { readonly do: 'createOffer' }
  /** what the own offer was to change will not happen; the exchange goes on */
  | { readonly do: 'abandon' }
  /** give up the own offer that waits for its answer (a rollback) */
  | { readonly do: 'dropOffer' }
  /** apply the answer, then give `answerApplied`, or `localFailure` */
  | { readonly do: 'applyAnswer'; readonly sdp: string }
  /** apply the offer, create the answer, then give `answerReady`, or `localFailure` */
  | { readonly do: 'applyOffer'; readonly sdp: string }
  | { readonly do: 'send'; readonly message: RoapMessage }
  /** both sides agree */
  | { readonly do: 'done' }
  /** this machine is at its end */
  | {
      readonly do: 'fail';
      readonly errorType: RoapErrorType;
      readonly by: 'local' | 'remote';
      readonly cause?: string;
    };

export type RoapEvent = Exclude<RoapInput['type'], 'message'> | RoapMessage['messageType'];

export interface RoapRow {
  /** unique in its table; tests go by it */
  readonly name: string;
  readonly from: readonly RoapState[] | 'any';
  readonly on: RoapEvent | readonly RoapEvent[] | 'anyMessage';
  /** A further condition; without one the row always fits. */
  readonly when?: (context: RoapContext, input: Given) => boolean;
  /** `settle` is idle or, when a negotiation is queued, creatingLocalOffer */
  readonly to: RoapState | 'same' | 'settle';
  /** What changes in the context. */
  readonly set?: (context: RoapContext, input: Given) => Partial<RoapContext>;
  /** What the owner has to do; gets the context as `set` left it. */
  readonly effects?: (context: RoapContext, input: Given) => readonly RoapEffect[];
}

/** An input, with the fields of all kinds at hand. */
export interface Given {
  readonly sdp: string;
  readonly cause: string | undefined;
  readonly message: RoapMessage;
  /** seconds, 0 to 10 */
  readonly retryAfter: number;
}

// ---- effects

export const send = (message: Omit<RoapMessage, 'version'>): RoapEffect => ({
  do: 'send',
  message: { version: roapVersion, ...message },
});
/** Refuses the message that was received. */
export const refuse = (errorType: RoapErrorType, { message }: Given, retryAfter?: number): RoapEffect =>
  send({
    messageType: 'ERROR',
    seq: message.seq,
    errorType,
    ...(retryAfter !== undefined && { retryAfter }),
  });
export const ok = (seq: number): RoapEffect => send({ messageType: 'OK', seq });

// ---- conditions

export const isWithoutOk = ({ headers = [] }: RoapMessage): boolean => headers.includes(noOk);
export const sameSeq = ({ seq }: RoapContext, { message }: Given): boolean => message.seq === seq;
export const lowerSeq = ({ seq }: RoapContext, { message }: Given): boolean => message.seq < seq;

// ---- rows that both tables have

export const maxRetries = 2;
const retried: readonly (RoapErrorType | undefined)[] = [
  'DOUBLECONFLICT',
  'INVALID_STATE',
  'OUT_OF_ORDER',
  'RETRY',
];
const final: readonly RoapState[] = ['localError', 'remoteError'];
const busy: readonly RoapState[] = [
  'creatingLocalOffer',
  'waitingForAnswer',
  'settingRemoteAnswer',
  'settingRemoteOffer',
  'waitingForOk',
];
const live: readonly RoapState[] = ['idle', ...busy];

const startOffer = ({ seq }: RoapContext): Partial<RoapContext> => ({
  seq: seq + 1,
  queued: false,
  requested: false,
});

/** Comes first in both tables. */
export const orderRows: readonly RoapRow[] = [
  {
    name: 'after the end everything is ignored',
    from: final,
    on: [
      'negotiate',
      'offerReady',
      'answerReady',
      'answerApplied',
      'localFailure',
      'answerTimeout',
      'undelivered',
    ],
    to: 'same',
  },
  { name: 'after the end messages are ignored', from: final, on: 'anyMessage', to: 'same' },
  { name: 'an ERROR of an earlier seq is dropped', from: live, on: 'ERROR', when: lowerSeq, to: 'same' },
  {
    name: 'a message of an earlier seq is out of order',
    from: live,
    on: ['OFFER', 'ANSWER', 'OK', 'OFFER_REQUEST', 'OFFER_RESPONSE'],
    when: lowerSeq,
    to: 'same',
    effects: (_, given) => [refuse('OUT_OF_ORDER', given)],
  },
];

/** Offering: the same on both sides. */
export const offerRows = (headers?: readonly string[]): readonly RoapRow[] => [
  {
    name: 'idle: a negotiation begins with an offer',
    from: ['idle'],
    on: 'negotiate',
    to: 'creatingLocalOffer',
    set: startOffer,
    effects: () => [{ do: 'createOffer' }],
  },
  {
    name: 'busy: a negotiation is remembered, one merged offer follows',
    from: busy,
    on: 'negotiate',
    to: 'same',
    set: () => ({ queued: true }),
  },
  {
    name: 'the offer is sent',
    from: ['creatingLocalOffer'],
    on: 'offerReady',
    when: ({ requested }) => !requested,
    to: 'waitingForAnswer',
    effects: ({ seq, tieBreaker }, { sdp }) => [
      send({ messageType: 'OFFER', seq, sdps: [sdp], tieBreaker, ...(headers && { headers }) }),
    ],
  },
  {
    name: 'the offer that was requested is sent',
    from: ['creatingLocalOffer'],
    on: 'offerReady',
    to: 'waitingForAnswer',
    effects: ({ seq }, { sdp }) => [send({ messageType: 'OFFER_RESPONSE', seq, sdps: [sdp] })],
  },
  {
    name: 'the answer is applied, without OK',
    from: ['waitingForAnswer'],
    on: 'ANSWER',
    when: (_, { message }) => isWithoutOk(message),
    to: 'settingRemoteAnswer',
    set: (_, { message }) => ({ seq: message.seq, retries: 0, withoutOk: true }),
    effects: (_, { message }) => [{ do: 'applyAnswer', sdp: message.sdps?.[0] ?? '' }],
  },
  {
    name: 'the answer is applied, an OK follows',
    from: ['waitingForAnswer'],
    on: 'ANSWER',
    to: 'settingRemoteAnswer',
    set: (_, { message }) => ({ seq: message.seq, retries: 0, withoutOk: false }),
    effects: (_, { message }) => [{ do: 'applyAnswer', sdp: message.sdps?.[0] ?? '' }],
  },
  {
    name: 'the answer is in, no OK is sent',
    from: ['settingRemoteAnswer'],
    on: 'answerApplied',
    when: ({ withoutOk }) => withoutOk,
    to: 'settle',
    effects: () => [{ do: 'done' }],
  },
  {
    name: 'the answer is in, OK is sent',
    from: ['settingRemoteAnswer'],
    on: 'answerApplied',
    to: 'settle',
    effects: ({ seq }) => [ok(seq), { do: 'done' }],
  },
  {
    name: 'idle: the answer again, OK is sent again',
    from: ['idle'],
    on: 'ANSWER',
    when: sameSeq,
    to: 'same',
    effects: ({ seq }) => [ok(seq)],
  },
  {
    name: 'idle: an answer to no offer',
    from: ['idle'],
    on: 'ANSWER',
    to: 'same',
    effects: (_, given) => [refuse('INVALID_STATE', given)],
  },
  {
    name: 'setting the answer: the answer again is ignored',
    from: ['settingRemoteAnswer'],
    on: 'ANSWER',
    when: sameSeq,
    to: 'same',
  },
  {
    name: 'an answer while none is expected',
    from: ['creatingLocalOffer', 'settingRemoteAnswer', 'settingRemoteOffer', 'waitingForOk'],
    on: 'ANSWER',
    to: 'same',
    effects: (_, given) => [refuse('INVALID_STATE', given)],
  },
  {
    name: 'the answer did not come in time',
    from: ['waitingForAnswer'],
    on: 'answerTimeout',
    to: 'remoteError',
    effects: () => [{ do: 'fail', errorType: 'TIMEOUT', by: 'remote' }],
  },
  {
    name: 'the offer could not be delivered: it is given up',
    from: ['waitingForAnswer'],
    on: 'undelivered',
    to: 'settle',
    effects: () => [{ do: 'abandon' }, { do: 'dropOffer' }],
  },
  {
    name: 'the offer was refused for now: it is made again',
    from: ['waitingForAnswer'],
    on: 'ERROR',
    when: (context, given) =>
      sameSeq(context, given) && retried.includes(given.message.errorType) && context.retries < maxRetries,
    to: 'creatingLocalOffer',
    set: (context) => ({ ...startOffer(context), retries: context.retries + 1 }),
    effects: () => [{ do: 'dropOffer' }, { do: 'createOffer' }],
  },
];

/** Answering: the same on both sides. */
export const answerRows: readonly RoapRow[] = [
  {
    name: 'idle: the offer again is out of order',
    from: ['idle'],
    on: ['OFFER', 'OFFER_REQUEST'],
    when: sameSeq,
    to: 'same',
    effects: (_, given) => [refuse('OUT_OF_ORDER', given)],
  },
  {
    name: 'idle: an offer is applied',
    from: ['idle'],
    on: 'OFFER',
    to: 'settingRemoteOffer',
    set: (_, { message }) => ({ seq: message.seq, withoutOk: isWithoutOk(message) }),
    effects: (_, { message }) => [{ do: 'applyOffer', sdp: message.sdps?.[0] ?? '' }],
  },
  {
    name: 'idle: an offer is requested',
    from: ['idle'],
    on: 'OFFER_REQUEST',
    to: 'creatingLocalOffer',
    set: (_, { message }) => ({ seq: message.seq, queued: false, requested: true }),
    effects: () => [{ do: 'createOffer' }],
  },
  {
    name: 'busy: an offer is requested',
    from: busy,
    on: 'OFFER_REQUEST',
    to: 'same',
    effects: (_, given) => [refuse('INVALID_STATE', given)],
  },
  {
    name: 'setting an offer: the same offer again is ignored',
    from: ['settingRemoteOffer'],
    on: 'OFFER',
    when: sameSeq,
    to: 'same',
  },
  {
    name: 'setting an offer: another offer has to come later',
    from: ['settingRemoteOffer'],
    on: 'OFFER',
    to: 'same',
    effects: (_, given) => [refuse('FAILED', given, given.retryAfter)],
  },
  {
    name: 'the OK came: both sides agree',
    from: ['waitingForOk'],
    on: 'OK',
    to: 'settle',
    effects: () => [{ do: 'done' }],
  },
  {
    name: 'waiting for OK: the same offer again is ignored',
    from: ['waitingForOk'],
    on: 'OFFER',
    when: sameSeq,
    to: 'same',
  },
  {
    name: 'waiting for OK: the next offer stands for it',
    from: ['waitingForOk'],
    on: 'OFFER',
    to: 'settingRemoteOffer',
    set: (_, { message }) => ({ seq: message.seq, withoutOk: isWithoutOk(message) }),
    effects: (_, { message }) => [{ do: 'done' }, { do: 'applyOffer', sdp: message.sdps?.[0] ?? '' }],
  },
  {
    name: 'setting the answer: an offer has to wait for OK',
    from: ['settingRemoteAnswer'],
    on: 'OFFER',
    when: ({ withoutOk }) => !withoutOk,
    to: 'same',
    effects: (_, given) => [refuse('INVALID_STATE', given)],
  },
  {
    name: 'setting the answer: an offer has to be tried again',
    from: ['settingRemoteAnswer'],
    on: 'OFFER',
    to: 'same',
    effects: (_, given) => [refuse('RETRY', given)],
  },
];

/** Comes last in both tables: what ends a machine, and what is left. */
export const endRows: readonly RoapRow[] = [
  {
    name: 'the offer was refused, without a retry',
    from: ['waitingForAnswer'],
    on: 'ERROR',
    when: sameSeq,
    to: 'remoteError',
    effects: (_, { message }) => [
      {
        do: 'fail',
        errorType: message.errorType ?? 'FAILED',
        by: 'remote',
        ...(message.errorCause !== undefined && { cause: message.errorCause }),
      },
    ],
  },
  {
    name: 'the answer was refused',
    from: ['waitingForOk'],
    on: 'ERROR',
    when: sameSeq,
    to: 'remoteError',
    effects: (_, { message }) => [{ do: 'fail', errorType: message.errorType ?? 'FAILED', by: 'remote' }],
  },
  {
    name: 'the own peer connection failed',
    from: live,
    on: 'localFailure',
    to: 'localError',
    effects: ({ seq }, { cause }) => [
      send({
        messageType: 'ERROR',
        seq,
        errorType: 'FAILED',
        ...(cause !== undefined && { errorCause: cause }),
      }),
      { do: 'fail', errorType: 'FAILED', by: 'local', ...(cause !== undefined && { cause }) },
    ],
  },
  {
    name: 'a message that changes nothing',
    from: live,
    on: ['OK', 'ERROR', 'OFFER_RESPONSE', 'TURN_DISCOVERY_REQUEST', 'TURN_DISCOVERY_RESPONSE'],
    to: 'same',
  },
  {
    name: 'a step that came too late',
    from: 'any',
    on: ['offerReady', 'answerReady', 'answerApplied', 'answerTimeout', 'undelivered'],
    to: 'same',
  },
];
