import { expect } from 'chai';
import { readAddress } from './places.js';

const room = '6f9619ff-8b86-4011-b42d-00c04fc964ff';
const number = { kind: 'number', number: '2554000001' } as const;
const conversation = { kind: 'room', conversationId: room } as const;

describe('addresses of meetings', () => {
  for (const [address, expected] of [
    ['2554000001', number],
    [' 2554 000 001 ', number],
    ['2554-000-001', number],
    ['wbxmn:2554000001', number],
    ['WBXMN:2554000001', number],
    ['sip:2554000001@meet.trunkline', number],
    ['sips:2554000001@MEET.trunkline', number],
    ['2554000001@meet.trunkline', number],
    ['https://meet.example.com/m/2554000001', number],
    ['https://meet.example.com/m/2554000001/?MTID=m2554000001', number],
    ['http://127.0.0.1:8080/m/2554000001#x', number],
    [`http://127.0.0.1:8080/conversation/api/v1/conversations/${room}`, conversation],
    [`room-${room}@meet.trunkline`, conversation],
    [`sip:ROOM-${room.toUpperCase()}@meet.trunkline`, conversation],
    // people, and everything that is not an address of a meeting
    ['', undefined],
    ['ana@example.com', undefined],
    ['sip:2554000001@elsewhere.example', undefined],
    ['2554000001@meet.trunkline@meet.trunkline', undefined],
    ['12345', undefined],
    ['1234567890123456', undefined],
    ['+4930123456', undefined],
    ['tel:+4930123456', undefined],
    ['٢٥٥٤٠٠٠٠٠١', undefined],
    ['https://meet.example.com/m/abc', undefined],
    ['https://meet.example.com/', undefined],
    ['ftp://meet.example.com/m/2554000001', undefined],
    ['room-nonsense@meet.trunkline', undefined],
    ['x'.repeat(2_000), undefined],
    ['1'.repeat(2_000), undefined],
  ] as const)
    it(`${expected === undefined ? 'are not' : 'are'} of the form ${address.slice(0, 70)}`, () => {
      expect(readAddress(address)).to.deep.equal(expected);
    });
});
