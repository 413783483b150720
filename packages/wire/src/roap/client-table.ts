import { answerInResponse, clientTieBreaker, noOk } from './message.js';
import { answerRows, endRows, offerRows, orderRows, refuse, send, type RoapRow } from './table.js';

/** The client's side: it offers, and its own offer stands when two cross. The first row that fits is taken. */
export const clientTable: readonly RoapRow[] = [
  ...orderRows,
  ...offerRows([answerInResponse, noOk]),
  {
    name: 'glare: an offer with the same tie breaker, both give up',
    from: ['creatingLocalOffer', 'waitingForAnswer'],
    on: 'OFFER',
    when: (_, { message }) => message.tieBreaker === clientTieBreaker,
    to: 'same',
    effects: (_, given) => [refuse('DOUBLECONFLICT', given)],
  },
  {
    name: 'glare: the own offer stands',
    from: ['creatingLocalOffer', 'waitingForAnswer'],
    on: 'OFFER',
    to: 'same',
    effects: (_, given) => [refuse('CONFLICT', given)],
  },
  ...answerRows,
  {
    name: 'the answer is sent, an OK is expected',
    from: ['settingRemoteOffer'],
    on: 'answerReady',
    to: 'waitingForOk',
    effects: ({ seq }, { sdp }) => [send({ messageType: 'ANSWER', seq, sdps: [sdp] })],
  },
  ...endRows,
];
