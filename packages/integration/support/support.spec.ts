import { support } from '@trunkline/support';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';

describe('support against the service', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  // Replace it when the service knows the resource: then list() answers what another person made.
  it('says clearly that this service has no such resource', async () => {
    const client = await cloud.client('ana', [support()]);
    const failed: unknown = await client.support
      .list()
      .page()
      .catch((error: unknown) => error);
    expect(failed).to.include({ code: 'ERR_NOT_FOUND', status: 404 });
    await client.close();
    await expectQuiet(client);
  });
});
