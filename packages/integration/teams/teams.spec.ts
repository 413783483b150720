import { teams } from '@trunkline/teams';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';

describe('teams against the service', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  // Replace it when the service knows the resource: then list() answers what another person made.
  it('says clearly that this service has no such resource', async () => {
    const client = await cloud.client('ana', [teams()]);
    const failed: unknown = await client.teams
      .list()
      .page()
      .catch((error: unknown) => error);
    expect(failed).to.include({ code: 'ERR_NOT_FOUND', status: 404 });
    await client.close();
    await expectQuiet(client);
  });
});
