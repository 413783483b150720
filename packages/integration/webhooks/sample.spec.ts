import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { startCloud, type Cloud } from '@trunkline/testing';
import { webhooks } from '@trunkline/webhooks';
import { expect } from 'chai';
import { all } from '../kit/members.js';
import { until } from '../kit/until.js';

const program = path.resolve(import.meta.dirname, '../../../docs/samples/webhook-receiver/receiver.mjs');

describe('the sample webhook-receiver', () => {
  let cloud: Cloud;
  let child: ChildProcess | undefined;
  let output = '';
  before(async () => {
    cloud = await startCloud({ allowPrivateTargets: true });
  });
  after(async () => {
    child?.kill('SIGKILL');
    await cloud.close();
  });
  const says = (text: string): Promise<void> =>
    until(
      () => output.includes(text),
      () => `it says: ${output}`,
    );

  it('shows messages, refuses what is not signed, and leaves no webhook behind', async () => {
    const { accessToken } = await cloud.person('ana');
    const started = spawn(process.execPath, ['--unhandled-rejections=strict', program], {
      env: { ...process.env, NODE_V8_COVERAGE: undefined, SERVICE: cloud.url, TOKEN: accessToken },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await says('listening for messages at http');
    const targetUrl = /at (http\S+)/.exec(output)?.[1] ?? '';

    const ana = await cloud.client('ana', [rooms(), messages(), webhooks()]);
    const { id: roomId } = await ana.rooms.create({ title: 'Ops' });
    await ana.messages.create({ roomId, text: 'the launch is at nine' });
    await says('ana@example.com: the launch is at nine\n');

    const forged = JSON.stringify({ data: { id: 'made up' } });
    const headers = { 'content-type': 'application/json', 'x-spark-signature': '0'.repeat(40) };
    const answer = await fetch(targetUrl, { method: 'POST', body: forged, headers });
    expect(answer.status).to.equal(401);
    await says('refused: the signature is wrong\n');

    const ended = once(started, 'exit');
    started.kill('SIGTERM');
    expect((await ended)[0]).to.equal(0);
    expect(await all(ana.webhooks.list())).to.deep.equal([]);
  });
});
