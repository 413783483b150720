import { expect } from 'chai';
import {
  clusterOf,
  decodeId,
  decodeMembershipId,
  encodeId,
  encodeMembershipId,
  isUuid,
  uuidOf,
} from './id.js';

const person = '1f6c7f5e-9d3b-4c42-8d4f-0a8a7b1c2d3e';
const room = 'a7e1c0de-1111-4222-8333-444455556666';

describe('ids', () => {
  it('encodes the scheme, cluster, type and local part as base64url without padding', () => {
    const id = encodeId('ROOM', room);
    expect(id).to.match(/^[\w-]+$/);
    expect(atob(id.replace(/-/g, '+').replace(/_/g, '/'))).to.equal(`ciscospark://us/ROOM/${room}`);
  });

  it('keeps a cluster for rooms, and says us for people whatever the cluster', () => {
    expect(decodeId(encodeId('ROOM', room, 'urn:TEAM:eu-central-1_k'))?.cluster).to.equal(
      'urn:TEAM:eu-central-1_k',
    );
    expect(decodeId(encodeId('PEOPLE', person, 'urn:TEAM:eu-central-1_k'))?.cluster).to.equal('us');
  });

  it('answers undefined for noise', () => {
    for (const noise of ['', '%', 'aGVsbG8', room, encodeId('ROOM', '').slice(0, 20)])
      expect(decodeId(noise), noise).to.equal(undefined);
  });

  it('takes a bare uuid or an id of the wanted type, nothing else', () => {
    expect(uuidOf('ROOM', room)).to.equal(room);
    expect(uuidOf('ROOM', encodeId('ROOM', room))).to.equal(room);
    expect(uuidOf('ROOM', encodeId('PEOPLE', person))).to.equal(undefined);
    expect(uuidOf('ROOM', encodeId('ROOM', '../etc'))).to.equal(undefined);
    expect(isUuid(room.toUpperCase())).to.equal(false);
  });

  it('takes memberships apart', () => {
    const id = encodeMembershipId(person, room);
    expect(decodeMembershipId(id)).to.deep.equal({ personUuid: person, roomUuid: room });
    expect(decodeMembershipId(encodeId('ROOM', room))).to.equal(undefined);
  });

  it('maps the two American clusters to us and keeps the region of others', () => {
    expect(clusterOf('urn:TEAM:us-east-2_a:identityLookup')).to.equal('us');
    expect(clusterOf('urn:TEAM:us-east-1_int13:conversation')).to.equal('us');
    expect(clusterOf('urn:TEAM:eu-central-1_k:conversation')).to.equal('urn:TEAM:eu-central-1_k');
  });
});
