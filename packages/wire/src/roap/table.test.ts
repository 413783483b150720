import { expect } from 'chai';
import {
  answerInResponse,
  clientTable,
  clientTieBreaker,
  noOk,
  roapStep,
  serviceTable,
  type RoapContext,
  type RoapEffect,
  type RoapInput,
  type RoapMessage,
  type RoapRow,
  type RoapState,
} from './index.js';

interface Case {
  readonly row: string;
  readonly from: RoapState;
  readonly input: RoapInput;
  readonly to: RoapState;
  readonly effects?: readonly RoapEffect[];
  readonly context?: Partial<RoapContext>;
  /** what the context is afterwards, as far as it matters */
  readonly then?: Partial<RoapContext>;
}

const seq = 5;
const base: RoapContext = {
  seq,
  retries: 0,
  queued: false,
  withoutOk: false,
  requested: false,
  tieBreaker: 1000,
};
const got = (message: Partial<RoapMessage> & Pick<RoapMessage, 'messageType'>): RoapInput => ({
  type: 'message',
  message: { seq, version: '2', ...message },
});
const sent = (message: Partial<RoapMessage> & Pick<RoapMessage, 'messageType'>): RoapEffect => ({
  do: 'send',
  message: { version: '2', seq, ...message },
});
const offer = (more: Partial<RoapMessage> = {}) => got({ messageType: 'OFFER', sdps: ['o'], ...more });
const answer = (more: Partial<RoapMessage> = {}) => got({ messageType: 'ANSWER', sdps: ['a'], ...more });
const error = (more: Partial<RoapMessage> = {}) =>
  got({ messageType: 'ERROR', errorType: 'FAILED', ...more });
const refused = (errorType: RoapMessage['errorType'], more: Partial<RoapMessage> = {}) =>
  sent({ messageType: 'ERROR', ...(errorType && { errorType }), ...more });
const done: RoapEffect = { do: 'done' };
const createOffer: RoapEffect = { do: 'createOffer' };
const dropOffer: RoapEffect = { do: 'dropOffer' };
const applyOffer: RoapEffect = { do: 'applyOffer', sdp: 'o' };
const applyAnswer: RoapEffect = { do: 'applyAnswer', sdp: 'a' };

const both: readonly Case[] = [
  {
    row: 'after the end everything is ignored',
    from: 'remoteError',
    input: { type: 'negotiate' },
    to: 'remoteError',
  },
  { row: 'after the end messages are ignored', from: 'localError', input: offer(), to: 'localError' },
  {
    row: 'an ERROR of an earlier seq is dropped',
    from: 'waitingForAnswer',
    input: error({ seq: 4, errorType: 'RETRY' }),
    to: 'waitingForAnswer',
  },
  {
    row: 'a message of an earlier seq is out of order',
    from: 'waitingForAnswer',
    input: answer({ seq: 4 }),
    to: 'waitingForAnswer',
    effects: [refused('OUT_OF_ORDER', { seq: 4 })],
  },
  {
    row: 'idle: a negotiation begins with an offer',
    from: 'idle',
    input: { type: 'negotiate' },
    to: 'creatingLocalOffer',
    effects: [createOffer],
    then: { seq: 6 },
  },
  {
    row: 'busy: a negotiation is remembered, one merged offer follows',
    from: 'settingRemoteAnswer',
    input: { type: 'negotiate' },
    to: 'settingRemoteAnswer',
    then: { queued: true, seq },
  },
  {
    row: 'the offer that was requested is sent',
    from: 'creatingLocalOffer',
    context: { requested: true },
    input: { type: 'offerReady', sdp: 'o' },
    to: 'waitingForAnswer',
    effects: [sent({ messageType: 'OFFER_RESPONSE', sdps: ['o'] })],
  },
  {
    row: 'the answer is applied, without OK',
    from: 'waitingForAnswer',
    context: { retries: 2 },
    input: answer({ seq: 7, headers: [noOk] }),
    to: 'settingRemoteAnswer',
    effects: [applyAnswer],
    then: { seq: 7, withoutOk: true, retries: 0 },
  },
  {
    row: 'the answer is applied, an OK follows',
    from: 'waitingForAnswer',
    context: { withoutOk: true },
    input: answer(),
    to: 'settingRemoteAnswer',
    effects: [applyAnswer],
    then: { withoutOk: false },
  },
  {
    row: 'the answer is in, no OK is sent',
    from: 'settingRemoteAnswer',
    context: { withoutOk: true },
    input: { type: 'answerApplied' },
    to: 'idle',
    effects: [done],
  },
  {
    row: 'the answer is in, OK is sent',
    from: 'settingRemoteAnswer',
    context: { queued: true },
    input: { type: 'answerApplied' },
    to: 'creatingLocalOffer',
    effects: [sent({ messageType: 'OK' }), done, createOffer],
    then: { seq: 6, queued: false },
  },
  {
    row: 'idle: the answer again, OK is sent again',
    from: 'idle',
    input: answer(),
    to: 'idle',
    effects: [sent({ messageType: 'OK' })],
  },
  {
    row: 'idle: an answer to no offer',
    from: 'idle',
    input: answer({ seq: 9 }),
    to: 'idle',
    effects: [refused('INVALID_STATE', { seq: 9 })],
    then: { seq },
  },
  {
    row: 'setting the answer: the answer again is ignored',
    from: 'settingRemoteAnswer',
    input: answer(),
    to: 'settingRemoteAnswer',
  },
  {
    row: 'an answer while none is expected',
    from: 'waitingForOk',
    input: answer(),
    to: 'waitingForOk',
    effects: [refused('INVALID_STATE')],
  },
  {
    row: 'the answer did not come in time',
    from: 'waitingForAnswer',
    input: { type: 'answerTimeout' },
    to: 'remoteError',
    effects: [{ do: 'fail', errorType: 'TIMEOUT', by: 'remote' }],
  },
  {
    row: 'the offer could not be delivered: it is given up',
    from: 'waitingForAnswer',
    context: { queued: true },
    input: { type: 'undelivered' },
    to: 'creatingLocalOffer',
    effects: [{ do: 'abandon' }, dropOffer, createOffer],
    then: { seq: 6, queued: false },
  },
  {
    row: 'the offer was refused for now: it is made again',
    from: 'waitingForAnswer',
    context: { retries: 1, queued: true },
    input: error({ errorType: 'OUT_OF_ORDER' }),
    to: 'creatingLocalOffer',
    effects: [dropOffer, createOffer],
    then: { seq: 6, retries: 2, queued: false },
  },
  {
    row: 'idle: the offer again is out of order',
    from: 'idle',
    input: offer(),
    to: 'idle',
    effects: [refused('OUT_OF_ORDER')],
  },
  {
    row: 'idle: an offer is applied',
    from: 'idle',
    input: offer({ seq: 8, headers: [noOk] }),
    to: 'settingRemoteOffer',
    effects: [applyOffer],
    then: { seq: 8, withoutOk: true },
  },
  {
    row: 'idle: an offer is requested',
    from: 'idle',
    input: got({ messageType: 'OFFER_REQUEST', seq: 6 }),
    to: 'creatingLocalOffer',
    effects: [createOffer],
    then: { seq: 6, requested: true },
  },
  {
    row: 'busy: an offer is requested',
    from: 'waitingForAnswer',
    input: got({ messageType: 'OFFER_REQUEST', seq: 6 }),
    to: 'waitingForAnswer',
    effects: [refused('INVALID_STATE', { seq: 6 })],
  },
  {
    row: 'setting an offer: the same offer again is ignored',
    from: 'settingRemoteOffer',
    input: offer(),
    to: 'settingRemoteOffer',
  },
  {
    row: 'setting an offer: another offer has to come later',
    from: 'settingRemoteOffer',
    input: offer({ seq: 6 }),
    to: 'settingRemoteOffer',
    effects: [refused('FAILED', { seq: 6, retryAfter: 3 })],
    then: { seq },
  },
  {
    row: 'the OK came: both sides agree',
    from: 'waitingForOk',
    input: got({ messageType: 'OK' }),
    to: 'idle',
    effects: [done],
  },
  {
    row: 'waiting for OK: the same offer again is ignored',
    from: 'waitingForOk',
    input: offer(),
    to: 'waitingForOk',
  },
  {
    row: 'waiting for OK: the next offer stands for it',
    from: 'waitingForOk',
    input: offer({ seq: 6 }),
    to: 'settingRemoteOffer',
    effects: [done, applyOffer],
    then: { seq: 6 },
  },
  {
    row: 'setting the answer: an offer has to wait for OK',
    from: 'settingRemoteAnswer',
    input: offer(),
    to: 'settingRemoteAnswer',
    effects: [refused('INVALID_STATE')],
  },
  {
    row: 'setting the answer: an offer has to be tried again',
    from: 'settingRemoteAnswer',
    context: { withoutOk: true },
    input: offer(),
    to: 'settingRemoteAnswer',
    effects: [refused('RETRY')],
  },
  {
    row: 'the answer is sent, an OK is expected',
    from: 'settingRemoteOffer',
    input: { type: 'answerReady', sdp: 'a' },
    to: 'waitingForOk',
    effects: [sent({ messageType: 'ANSWER', sdps: ['a'] })],
  },
  {
    row: 'the offer was refused, without a retry',
    from: 'waitingForAnswer',
    context: { retries: 2 },
    input: error({ errorType: 'RETRY', errorCause: 'busy' }),
    to: 'remoteError',
    effects: [{ do: 'fail', errorType: 'RETRY', by: 'remote', cause: 'busy' }],
  },
  {
    row: 'the answer was refused',
    from: 'waitingForOk',
    input: error({ errorType: 'NOMATCH' }),
    to: 'remoteError',
    effects: [{ do: 'fail', errorType: 'NOMATCH', by: 'remote' }],
  },
  {
    row: 'the own peer connection failed',
    from: 'settingRemoteOffer',
    input: { type: 'localFailure', cause: 'bad SDP' },
    to: 'localError',
    effects: [
      refused('FAILED', { errorCause: 'bad SDP' }),
      { do: 'fail', errorType: 'FAILED', by: 'local', cause: 'bad SDP' },
    ],
  },
  { row: 'a message that changes nothing', from: 'idle', input: got({ messageType: 'OK' }), to: 'idle' },
  {
    row: 'a step that came too late',
    from: 'idle',
    input: { type: 'offerReady', sdp: 'o' },
    to: 'idle',
  },
];

const client: readonly Case[] = [
  ...both,
  {
    row: 'the offer is sent',
    from: 'creatingLocalOffer',
    input: { type: 'offerReady', sdp: 'o' },
    to: 'waitingForAnswer',
    effects: [
      sent({ messageType: 'OFFER', sdps: ['o'], tieBreaker: 1000, headers: [answerInResponse, noOk] }),
    ],
  },
  {
    row: 'glare: an offer with the same tie breaker, both give up',
    from: 'waitingForAnswer',
    input: offer({ tieBreaker: clientTieBreaker }),
    to: 'waitingForAnswer',
    effects: [refused('DOUBLECONFLICT')],
  },
  {
    row: 'glare: the own offer stands',
    from: 'creatingLocalOffer',
    input: offer({ tieBreaker: 7 }),
    to: 'creatingLocalOffer',
    effects: [refused('CONFLICT')],
  },
];

const service: readonly Case[] = [
  ...both,
  {
    row: 'the offer is sent',
    from: 'creatingLocalOffer',
    input: { type: 'offerReady', sdp: 'o' },
    to: 'waitingForAnswer',
    effects: [sent({ messageType: 'OFFER', sdps: ['o'], tieBreaker: 1000 })],
  },
  {
    row: 'glare: an offer with the same tie breaker, both give up',
    from: 'waitingForAnswer',
    input: offer({ tieBreaker: 1000 }),
    to: 'waitingForAnswer',
    effects: [refused('DOUBLECONFLICT')],
  },
  {
    row: 'glare: an offer with a lower tie breaker is refused',
    from: 'waitingForAnswer',
    input: offer({ tieBreaker: 999 }),
    to: 'waitingForAnswer',
    effects: [refused('CONFLICT')],
  },
  {
    row: 'glare: the own offer is dropped for the other and made again later',
    from: 'waitingForAnswer',
    input: offer({ tieBreaker: clientTieBreaker, headers: [noOk] }),
    to: 'settingRemoteOffer',
    effects: [dropOffer, applyOffer],
    then: { queued: true, withoutOk: true },
  },
  {
    row: 'glare: the own offer was refused, the other one is on its way',
    from: 'waitingForAnswer',
    input: error({ errorType: 'CONFLICT' }),
    to: 'idle',
    effects: [dropOffer],
    then: { queued: true, seq: 4 },
  },
  {
    row: 'the answer is sent, no OK is expected',
    from: 'settingRemoteOffer',
    context: { withoutOk: true, queued: true },
    input: { type: 'answerReady', sdp: 'a' },
    to: 'creatingLocalOffer',
    effects: [sent({ messageType: 'ANSWER', sdps: ['a'], headers: [noOk] }), done, createOffer],
    then: { seq: 6 },
  },
];

for (const [side, table, cases] of [
  ['client', clientTable, client],
  ['service', serviceTable, service],
] as const)
  describe(`ROAP table of the ${side}`, () => {
    for (const { row, from, input, to, effects = [], context, then = {} } of cases)
      it(row, () => {
        const step = roapStep(table, { state: from, context: { ...base, ...context } }, input, 3);
        expect(step.row).to.equal(row);
        expect(step.state).to.equal(to);
        expect(step.effects).to.deep.equal(effects);
        expect(step.context).to.include(then);
      });
    it('has a test for each row, and no two rows of one name', () => {
      const names = table.map(({ name }: RoapRow) => name);
      expect(new Set(names).size).to.equal(names.length);
      expect(cases.map(({ row }) => row).sort()).to.deep.equal([...names].sort());
    });
    it('has a row for every message in every state', () => {
      const states: readonly RoapState[] = [
        'idle',
        'creatingLocalOffer',
        'waitingForAnswer',
        'settingRemoteAnswer',
        'settingRemoteOffer',
        'waitingForOk',
        'localError',
        'remoteError',
      ];
      const types = ['OFFER', 'ANSWER', 'OK', 'ERROR', 'OFFER_REQUEST', 'OFFER_RESPONSE'] as const;
      for (const state of states)
        for (const messageType of types)
          for (const at of [seq - 1, seq, seq + 1])
            expect(
              roapStep(table, { state, context: base }, got({ messageType, seq: at, sdps: ['x'] })).row,
              `${state} ${messageType} ${String(at)}`,
            ).not.to.equal('none');
    });
  });
