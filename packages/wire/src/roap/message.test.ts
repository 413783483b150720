import { expect } from 'chai';
import {
  maxSdpLength,
  readRoapMessage,
  readTurnServer,
  turnDiscoveryRequest,
  turnDiscoveryResponse,
} from './index.js';

describe('readRoapMessage', () => {
  it('reads text and values, and drops what it does not know', () => {
    const offer = { messageType: 'OFFER', seq: 1, sdps: ['v=0'], tieBreaker: 7, headers: ['h'] };
    expect(readRoapMessage(JSON.stringify({ ...offer, version: '2', odd: {} }))).to.deep.equal({
      ...offer,
      version: '2',
    });
  });
  it('takes an ERROR of an unknown type for FAILED', () => {
    expect(readRoapMessage({ messageType: 'ERROR', seq: 1, errorType: 'ODD' })).to.deep.equal({
      messageType: 'ERROR',
      seq: 1,
      errorType: 'FAILED',
    });
  });
  for (const [what, value] of [
    ['text that is not JSON', '{'],
    ['null', null],
    ['a number', 3],
    ['an unknown type', { messageType: 'HELLO', seq: 1 }],
    ['no seq', { messageType: 'OK' }],
    ['a negative seq', { messageType: 'OK', seq: -1 }],
    ['a fraction', { messageType: 'OK', seq: 1.5 }],
    ['a seq beyond counting', { messageType: 'OK', seq: 2 ** 60 }],
    ['an offer without SDP', { messageType: 'OFFER', seq: 1 }],
    ['an offer with an empty list', { messageType: 'OFFER', seq: 1, sdps: [] }],
    ['an answer whose SDP is not a string', { messageType: 'ANSWER', seq: 1, sdps: [{}] }],
    ['an SDP of unreasonable length', { messageType: 'OFFER', seq: 1, sdps: ['x'.repeat(maxSdpLength + 1)] }],
  ] as const)
    it(`returns undefined for ${what}`, () => {
      expect(readRoapMessage(value)).to.equal(undefined);
    });
});

describe('TURN discovery', () => {
  const server = { urls: ['turns:a:443?transport=tcp', 'turn:b:5004'], username: 'u', credential: 'p=1' };
  it('brings a server from the response', () => {
    expect(readTurnServer(turnDiscoveryResponse(server))).to.deep.equal(server);
    expect(turnDiscoveryRequest().seq).to.equal(0);
  });
  it('brings none from an empty URL, or when a header is missing', () => {
    expect(readTurnServer(turnDiscoveryResponse())).to.equal(undefined);
    const { headers = [], ...rest } = turnDiscoveryResponse(server);
    const without = headers.filter((header) => !header.includes('password'));
    expect(readTurnServer({ ...rest, headers: without })).to.equal(undefined);
  });
});
