import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { inferDestination } from './destination.js';

const uuid = '6f9619ff-8b86-4011-b42d-00c04fc964ff';

describe('what an address is', () => {
  const rows: readonly [string, string | undefined, string?][] = [
    ['https://chat.example.com/m/2554000001?MTID=m2554000001', 'MEETING_LINK'],
    ['chat.example.com/meet/ana', 'MEETING_LINK', 'https://chat.example.com/meet/ana'],
    ['https://chat.example.com/x?MTID=1', 'MEETING_LINK'],
    ['https://chat.example.com/prices', undefined],
    [`https://chat.example.com/conversation/api/v1/conversations/${uuid}`, 'CONVERSATION_URL'],
    ['ana@example.com', 'SIP_URI', 'ana@example.com'],
    ['sip:2554000001@meet.trunkline', 'SIP_URI', '2554000001@meet.trunkline'],
    ['2554 000 001', 'MEETING_NUMBER', '2554000001'],
    ['255-400-0001', 'MEETING_NUMBER', '2554000001'],
    ['+44 (0)20 3048-4377', 'SIP_URI', '+44 (0)20 3048-4377'],
    [uuid, 'PERSON', uuid],
    [encodeId('PEOPLE', uuid), 'PERSON'],
    [encodeId('ROOM', uuid), 'ROOM'],
    [encodeId('MESSAGE', uuid), undefined],
    ['', undefined],
    ['   ', undefined],
    ['Ana', undefined],
    ['@', undefined],
    ['-------', undefined],
    ['()()()()', undefined],
    ['112', 'SIP_URI', '112'],
    ['٢٥٥٤٠٠٠٠٠١', 'MEETING_NUMBER', '2554000001'],
    ['２５５４ ０００ ００１', 'MEETING_NUMBER', '2554000001'],
    ['0\u00a030 1234567', 'MEETING_NUMBER', '0301234567'],
    ['*67,1234#', 'SIP_URI', '*67,1234#'],
    ['tel:+442030484377;ext=12', 'SIP_URI', 'tel:+442030484377;ext=12'],
    ['mailto:ana@example.com', 'SIP_URI', 'ana@example.com'],
    ['x'.repeat(2000), undefined],
  ];
  for (const [address, type, value = address] of rows)
    it(`${JSON.stringify(address.slice(0, 60))} is ${type ?? 'nothing'}`, () => {
      const found = inferDestination(address);
      expect(found?.type).to.equal(type);
      if (type !== undefined) expect(found?.value).to.equal(value);
    });
});
