// compiled, never run
import { createLogBuffer, type CreateClient } from '@trunkline/core';
import { support } from '../../src/index.js';
import type { Support } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;
const log = createLogBuffer();

// both ways to have it
export const given: Support = createClient({
  token: 't',
  plugins: [support({ log, appVersion: '1' })],
}).support;
export const registered: Pick<Support, keyof Support> = createClient({ token: 't' }).support;

void given.submitLogs();
void given.submitLogs({ feedbackId: 'f', autoupload: true }, log.lines(), { type: 'diff' });
export const id: Promise<string | undefined> = given
  .submitLogs({}, 'text', { onProgress: ({ sentBytes }) => sentBytes })
  .then(({ trackingId }) => trackingId);
given.metrics.submit('opened', { tags: { where: 'menu' }, fields: { ms: 12 } });
export const url: Promise<string> = given.getFeedbackUrl({ appType: 'demo' });

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).support;
// @ts-expect-error no such kind of log
void given.submitLogs({}, 'text', { type: 'some' });
// @ts-expect-error nothing of that name is sent
void given.submitLogs({ mood: 'bad' });
// @ts-expect-error a metric has a name
given.metrics.submit(7);
