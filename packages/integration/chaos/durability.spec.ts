import { expect } from 'chai';
import { joinCloud } from '@trunkline/testing';
import { spawnService, type ServiceProcess } from '../kit/service-process.js';
import { seededRandom } from '../kit/until.js';

const kills = 20;

describe('the service killed while writing', function () {
  this.timeout(180_000);
  let service: ServiceProcess;
  before(async () => {
    service = await spawnService();
  });
  after(() => service.close());

  it(`has every acknowledged message after each of ${String(kills)} kills`, async () => {
    const random = seededRandom(20);
    const ana = await joinCloud(service.now).person('ana');
    const call = async (method: string, path: string, body?: object): Promise<Response> =>
      fetch(`${service.now.url}/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${ana.accessToken}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const { id: roomId } = (await (await call('POST', 'rooms', { title: 'Durable' })).json()) as {
      id: string;
    };

    const acknowledged: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      let killed = false;
      const write = async (writer: number): Promise<void> => {
        for (let n = 0; !killed; n += 1) {
          try {
            const text = `${String(kill)}/${String(writer)}/${String(n)}`;
            const response = await call('POST', 'messages', { roomId, text });
            if (response.ok) acknowledged.push(((await response.json()) as { id: string }).id);
          } catch {
            return; // cut in mid-answer: not acknowledged
          }
        }
      };
      const writers = [0, 1, 2, 3].map(write);
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 150));
      await service.kill();
      killed = true;
      await Promise.all(writers);
      await service.start();
    }

    const stored = new Set<string>();
    let next: string | undefined = `messages?roomId=${roomId}&max=100`;
    while (next !== undefined) {
      const response = await call('GET', next);
      expect(response.status).to.equal(200);
      for (const { id } of ((await response.json()) as { items: { id: string }[] }).items) stored.add(id);
      next = /<[^>]*\/v1\/([^>]+)>; *rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    console.log(`      ${String(acknowledged.length)} acknowledged, ${String(stored.size)} stored`);
    expect(acknowledged.length).to.be.greaterThan(kills);
    expect(acknowledged.filter((id) => !stored.has(id))).to.deep.equal([]);
  });
});
