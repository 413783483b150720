import { joinCloud } from '@trunkline/testing';
import { memberships } from '@trunkline/memberships';
import { rooms } from '@trunkline/rooms';
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { spawnService, type ServiceProcess } from '../kit/service-process.js';

const cycles = 100;
const warmUp = 20;

/** Bytes per cycle, by least squares. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  let top = 0;
  let bottom = 0;
  for (const [n, value] of values.entries()) {
    top += (n - middle) * value;
    bottom += (n - middle) ** 2;
  }
  return top / bottom;
}

describe('clients that were closed', function () {
  this.timeout(180_000);
  let service: ServiceProcess;
  before(async () => {
    service = await spawnService();
  });
  after(() => service.close());

  it(`leave nothing behind: ${String(cycles)} that connected, received a message and closed`, async () => {
    const cloud = joinCloud(service.now);
    const ana = await cloud.client('ana', [rooms(), memberships()] as const);
    const [writer, reader] = [await cloud.person('ana'), await cloud.person('ben')];
    const { id: roomId } = await ana.rooms.create({ title: 'Leaks' });
    await ana.memberships.create({ roomId, personEmail: reader.email });
    await ana.close();
    // machine code that V8 makes of functions as they grow hot is on the heap, and is nothing that a client left
    const settled = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-flush-bytecode'];
    const flags = [...settled, '--unhandled-rejections=strict'];
    const child = spawn(
      process.execPath,
      [...flags, path.resolve(import.meta.dirname, 'leaks.program.mjs')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'],
          SERVICE: cloud.url,
          READER: reader.accessToken,
          WRITER: writer.accessToken,
          ROOM_ID: roomId,
          CYCLES: String(cycles),
          WARM_UP: String(warmUp),
        },
      },
    );
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const limit = setTimeout(() => child.kill('SIGKILL'), 150_000);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(limit);
    expect(code, printed).to.equal(0);
    const { before, after, heap } = JSON.parse(printed) as {
      before: string[];
      after: string[];
      heap: number[];
    };
    const perCycle = slope(heap);
    console.log(
      `      ${String(cycles)} cycles: heap slope ${(perCycle / 1024).toFixed(2)} KiB per cycle over the last ${String(heap.length)}; handles before [${before.join(' ')}], after [${after.join(' ')}]`,
    );
    expect(after).to.deep.equal(before);
    expect(perCycle).to.be.at.most(2 * 1024);
  });
});
