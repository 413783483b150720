import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { seededRandom } from '../kit/until.js';
import { send, startWatched, type Watched } from './kit.js';
import { nastyRequests, type FuzzRequest } from './nasty.js';
import { createWorld } from './world.js';

const seconds = Number(process.env['TRUNKLINE_FUZZ_SECONDS'] ?? 20);
const seed = Number(process.env['TRUNKLINE_SEED'] ?? randomInt(2 ** 31));
const atOnce = 8;
/** ms of CPU time that one round may block the event loop */
const longestStall = 500;

const show = ({ method, path, headers, body }: FuzzRequest): string =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 500)} ${String(body).slice(0, 500)}`;

describe('malformed requests to every route', function () {
  this.timeout((seconds + 60) * 1000);
  let service: Watched;
  before(async () => {
    service = await startWatched({ logLevel: 'error', allowPrivateTargets: true });
  });
  after(() => service.close());

  it(`get no 5xx but 501, end nothing and block nothing (TRUNKLINE_SEED=${String(seed)})`, async () => {
    console.log(`      TRUNKLINE_SEED=${String(seed)} for ${String(seconds)} s`);
    const world = await createWorld(service);
    // these would make the service fail on purpose, or sign Ana out
    const left = new Set(['POST /admin/v1/faults', 'POST /admin/v1/tokens/revoke']);
    const routes = service.routes
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !left.has(route) && !route.includes('*'));
    const next = nastyRequests(world, routes, service.adminToken, seededRandom(seed));
    const ends = performance.now() + seconds * 1000;
    const failures = new Map<string, string>();
    const statuses = new Map<number, number>();
    let count = 0;
    let worst = 0;
    await service.stall();
    while (performance.now() < ends && failures.size < 20) {
      const round = Array.from({ length: atOnce }, next);
      await Promise.all(
        round.map(async (request) => {
          try {
            const { status, text } = await send(service.url, {
              method: request.method,
              path: request.path,
              headers: request.headers,
              ...(request.body === undefined ? {} : { body: request.body }),
            });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status >= 500 && status !== 501)
              failures.set(`${request.route} ${String(status)}`, `${show(request)} → ${text.slice(0, 300)}`);
          } catch {
            // not sendable by this client, or closed while the body was on its way: see ended() below
            statuses.set(0, (statuses.get(0) ?? 0) + 1);
          }
        }),
      );
      count += round.length;
      if (service.ended() !== undefined)
        throw new Error(`the service ended (${service.ended() ?? ''}) after ${round.map(show).join('\n')}`);
      const { ms } = await service.stall();
      worst = Math.max(worst, ms);
      if (ms > longestStall)
        failures.set(
          `stall ${round.map(({ route }) => route).join()}`,
          `${ms.toFixed(0)} ms: ${round.map(show).join('\n')}`,
        );
    }
    const counted = [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, n]) => `${String(status)}: ${String(n)}`);
    console.log(
      `      ${String(count)} requests, longest blocking ${worst.toFixed(0)} ms of CPU; ${counted.join(', ')}`,
    );
    const logged = service.log.join('').slice(0, 4000);
    expect([...failures.values()], `TRUNKLINE_SEED=${String(seed)} ${logged}`).to.deep.equal([]);
    expect(statuses.get(200) ?? 0, 'some must get through to what lies behind').to.be.greaterThan(
      count / 100,
    );
  });
});
