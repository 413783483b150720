import { expect } from 'chai';
import { at, deviceOf, meetingOf, one, refusalOf, waiting } from '../samples.test.js';
import { leave } from './joining.js';
import { addPhone, removePhone, type Phone } from './phones.js';

const uuid = '6f9619ff-8b86-4011-b42d-00c04fc964ff';
const dialIn: Phone = { url: `dialin:///${uuid}`, kind: 'dial-in', correlationId: 'c1' };
const dialOut: Phone = {
  url: `dialout:///${uuid}`,
  kind: 'dial-out',
  address: '+49 30 1234',
  correlationId: 'c2',
};

describe('phones', () => {
  const two = meetingOf('ana', 'ben');
  const ben = one(two, 'ben').id;
  const phoneOf = (meeting: typeof two) =>
    one(meeting, 'ben').devices.find(({ phone }) => phone !== undefined);

  it('are shown beside the other devices of their owner', () => {
    const withPhone = addPhone(two, 'ben', dialIn, at(7));
    expect(one(withPhone, 'ben').devices.map(({ key }) => key)).to.deep.equal([deviceOf('ben'), dialIn.url]);
    expect(phoneOf(withPhone)).to.deep.include({
      deviceType: 'PROVISIONAL',
      state: 'JOINED',
      correlationId: 'c1',
      joinedMs: 7,
      phone: { kind: 'dial-in', status: 'JOINED' },
    });
    const called = addPhone(two, 'ben', dialOut, at());
    expect(phoneOf(called)?.phone).to.deep.equal({
      kind: 'dial-out',
      address: '+49 30 1234',
      status: 'CONNECTED',
    });
  });
  it('are added once, though the request is repeated', () => {
    const withPhone = addPhone(two, 'ben', dialIn, at());
    expect(addPhone(withPhone, 'ben', dialIn, at())).to.equal(withPhone);
  });
  for (const [what, phone] of [
    ['a URL of another kind', { ...dialIn, url: 'https://example.com/' }],
    ['no URL', { ...dialIn, url: '' }],
    ['no number to call', { ...dialOut, address: undefined }],
    ['a number without digits', { ...dialOut, address: 'home' }],
    ['a number that is too long', { ...dialOut, address: '1'.repeat(61) }],
  ] as const)
    it(`are refused with ${what}`, () => {
      expect(refusalOf(() => addPhone(two, 'ben', phone, at())).status).to.equal(400);
    });
  it('are only for those who are in', () => {
    expect(refusalOf(() => addPhone(waiting(two, 'cleo'), 'cleo', dialIn, at())).status).to.equal(403);
    const left = leave(two, ben, {}, at());
    expect(refusalOf(() => addPhone(left, 'ben', dialIn, at())).status).to.equal(403);
  });
  it('are removed while their owner stays', () => {
    const withPhone = addPhone(two, 'ben', dialIn, at());
    const removed = removePhone(withPhone, ben, dialIn.url);
    expect(one(removed, 'ben').state).to.equal('JOINED');
    expect(phoneOf(removed)).to.equal(undefined);
    expect(refusalOf(() => removePhone(removed, ben, dialIn.url)).status).to.equal(404);
  });
  it('are the only devices that can be removed so', () => {
    expect(refusalOf(() => removePhone(two, ben, deviceOf('ben'))).status).to.equal(404);
    expect(refusalOf(() => removePhone(two, 'nobody', dialIn.url)).status).to.equal(404);
  });
  it('leave with the last other device of their owner, because they cannot hang up', () => {
    const withPhone = addPhone(two, 'ben', dialIn, at());
    expect(one(leave(withPhone, ben, { deviceKey: deviceOf('ben') }, at()), 'ben').state).to.equal('LEFT');
  });
});
