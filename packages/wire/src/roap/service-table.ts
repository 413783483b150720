import { noOk } from './message.js';
import { answerRows, endRows, offerRows, orderRows, refuse, send, sameSeq, type RoapRow } from './table.js';

/** The service's side: it answers, and gives up its own offer when a client's crosses it. The first row that fits is taken. */
export const serviceTable: readonly RoapRow[] = [
  ...orderRows,
  ...offerRows(),
  {
    name: 'glare: an offer with the same tie breaker, both give up',
    from: ['creatingLocalOffer', 'waitingForAnswer'],
    on: 'OFFER',
    when: ({ tieBreaker }, { message }) => message.tieBreaker === tieBreaker,
    to: 'same',
    effects: (_, given) => [refuse('DOUBLECONFLICT', given)],
  },
  {
    name: 'glare: an offer with a lower tie breaker is refused',
    from: ['creatingLocalOffer', 'waitingForAnswer'],
    on: 'OFFER',
    when: ({ tieBreaker }, { message }) => (message.tieBreaker ?? Infinity) < tieBreaker,
    to: 'same',
    effects: (_, given) => [refuse('CONFLICT', given)],
  },
  {
    name: 'glare: the own offer is dropped for the other and made again later',
    from: ['creatingLocalOffer', 'waitingForAnswer'],
    on: 'OFFER',
    to: 'settingRemoteOffer',
    set: (_, { message }) => ({
      seq: message.seq,
      queued: true,
      withoutOk: (message.headers ?? []).includes(noOk),
    }),
    effects: (_, { message }) => [{ do: 'dropOffer' }, { do: 'applyOffer', sdp: message.sdps?.[0] ?? '' }],
  },
  {
    name: 'glare: the own offer was refused, the other one is on its way',
    from: ['waitingForAnswer'],
    on: 'ERROR',
    when: (context, given) => sameSeq(context, given) && given.message.errorType === 'CONFLICT',
    to: 'idle',
    // one lower, so that the offer that crosses ours, of the same seq, is not taken for a repetition
    set: ({ seq }) => ({ seq: seq - 1, queued: true }),
    effects: () => [{ do: 'dropOffer' }],
  },
  ...answerRows,
  {
    name: 'the answer is sent, no OK is expected',
    from: ['settingRemoteOffer'],
    on: 'answerReady',
    when: ({ withoutOk }) => withoutOk,
    to: 'settle',
    effects: ({ seq }, { sdp }) => [
      send({ messageType: 'ANSWER', seq, sdps: [sdp], headers: [noOk] }),
      { do: 'done' },
    ],
  },
  {
    name: 'the answer is sent, an OK is expected',
    from: ['settingRemoteOffer'],
    on: 'answerReady',
    to: 'waitingForOk',
    effects: ({ seq }, { sdp }) => [send({ messageType: 'ANSWER', seq, sdps: [sdp] })],
  },
  ...endRows,
];
