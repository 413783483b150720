// A connection against a service that answers by ROAP, all of fakes.
import { createRoapMachine, type RoapMachine, type RoapMessage } from '@trunkline/wire';
import { fakeClock } from '@trunkline/testing/fakes';
import { createConnection } from '../src/connection/connection.js';
import type { MediaConnectionEvents, MediaConnectionOptions } from '../src/connection/types.js';
import { FakePeerConnection, fakeEnvironment, fakeSdp, settled } from './fakes.js';

export const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
export const three = [['audio', 'sendrecv'], ['video', 'sendrecv'], ['video', 'sendonly']] as const; // prettier-ignore

interface SetUp extends Partial<MediaConnectionOptions> {
  /** what the service answers; default: all three m-lines */
  readonly answer?: string | (() => string);
  /** nothing is answered */
  readonly silent?: boolean;
}
export function setUp({ answer = fakeSdp(three), silent = false, ...options }: SetUp = {}) {
  FakePeerConnection.reset();
  const clock = fakeClock();
  const sent: RoapMessage[] = [];
  const reports: unknown[] = [];
  let service: RoapMachine = createRoapMachine({ role: 'service', random: () => 0.5 });
  const serve = (input: Parameters<RoapMachine['input']>[0]): void => {
    for (const effect of service.input(input).effects)
      if (effect.do === 'send') connection.receive(effect.message);
      else if (effect.do === 'applyOffer')
        serve({ type: 'answerReady', sdp: typeof answer === 'string' ? answer : answer() });
      else if (effect.do === 'createOffer') serve({ type: 'offerReady', sdp: fakeSdp(three) });
      else if (effect.do === 'applyAnswer') serve({ type: 'answerApplied' });
  };
  const connection = createConnection(
    {
      environment: fakeEnvironment(),
      clock,
      report: (error) => {
        reports.push(error);
      },
    },
    {
      statsIntervalMs: 0,
      send: (message) => {
        sent.push(message);
        if (silent) return;
        void Promise.resolve().then(() => {
          serve({ type: 'message', message });
        });
      },
      ...options,
    },
  );
  const states: string[] = [];
  const problems: MediaConnectionEvents['problem'][] = [];
  connection.on('state', ({ to }) => states.push(to));
  connection.on('problem', (event) => problems.push(event));
  const connect = async (): Promise<void> => {
    const connected = connection.connect();
    await settled();
    FakePeerConnection.last.become('connected');
    await connected;
  };
  return {
    clock,
    sent,
    reports,
    connection,
    states,
    problems,
    connect,
    serve,
    types: () => sent.map(({ messageType, seq }) => `${messageType} ${String(seq)}`),
    restart: () => (service = createRoapMachine({ role: 'service' })),
  };
}
