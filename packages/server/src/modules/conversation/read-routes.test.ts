import type { WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { type ContentCloud, type Person, startContent, testBase } from '../harness.test.js';

const conv = '/conversation/api/v1/conversations';

describe('lists of conversations', () => {
  let cloud: ContentCloud;
  let ana: Person;
  beforeEach(async () => {
    cloud = await startContent();
    ana = await cloud.person('ana');
  });
  afterEach(() => cloud.close());

  const create = async (displayName: string): Promise<string> => {
    const activities = { items: [{ verb: 'create' }] };
    return (await cloud.ok<WireConversation>(ana, 'POST', conv, { displayName, activities })).id;
  };

  it('gives pages on request: each conversation once, newest first, a link to the next while there is one', async () => {
    const made = [await create('one'), await create('two'), await create('three')];
    const seen: string[] = [];
    let pages = 0;
    let url: string | undefined = `${conv}?conversationsLimit=2&paginate=true`;
    while (url !== undefined) {
      const page: Awaited<ReturnType<typeof cloud.call<{ items: WireConversation[] }>>> = await cloud.call(
        ana,
        'GET',
        url,
      );
      seen.push(...page.body.items.map(({ id }) => id));
      pages += 1;
      const link = page.headers['link'];
      if (link !== undefined) expect(link).to.match(/^<[^>]+>; rel="next"$/);
      url = link === undefined ? undefined : /^<([^>]+)>/.exec(link)?.[1];
      if (url !== undefined) expect(url.startsWith(testBase + conv)).to.equal(true);
    }
    expect(seen).to.deep.equal(made.reverse());
    expect(pages).to.equal(2);
  });

  it('sends no link unasked, and refuses a place that is none', async () => {
    await create('one');
    expect((await cloud.call(ana, 'GET', `${conv}?conversationsLimit=1`)).headers['link']).to.equal(
      undefined,
    );
    expect((await cloud.call(ana, 'GET', `${conv}?after=nonsense`)).status).to.equal(400);
  });
});
