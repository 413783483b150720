import { sdkError, type Host, type LogBuffer, type LogLine } from '@trunkline/core';
import { isRecord, requireArgument, unexpected, randomUuid, redact } from '@trunkline/core/kit';
import type { LogMetadata, SubmitLogsInit, SubmittedLogs, SupportOptions } from './types.js';

/** In the order in which they travel. @source protocol/presence-devices-support.md §5 */
const keys = [
  'locusId',
  'appVersion',
  'callStart',
  'feedbackId',
  'correlationId',
  'broadworksCorrelationInfo',
  'meetingId',
  'surveySessionId',
  'productAreaTag',
  'issueTypeTag',
  'issueDescTag',
  'locussessionid',
  'autoupload',
] as const satisfies readonly (keyof LogMetadata)[];

interface UploadAddress {
  readonly tempURL?: string;
  readonly logFilename?: string;
  readonly userId?: string;
  /** 2²⁰ bytes */
  readonly fileUploadSizeLimit?: number;
  readonly url?: string;
}

const isBuffer = (log: unknown): log is Pick<LogBuffer, 'lines'> =>
  typeof (log as Partial<LogBuffer> | null)?.lines === 'function';
const asText = (lines: readonly LogLine[]): string =>
  lines
    .map(({ time, level, message, fields }) => `${time} ${level} ${message} ${JSON.stringify(fields)}`)
    .join('\n');
/** Line by line: whatever wrote it, no token leaves in it. */
const cleaned = (text: string): string =>
  text
    .split('\n')
    .map((line) => String(redact(line)))
    .join('\n');

export type SubmitLogs = (
  metadata?: LogMetadata,
  logs?: string | readonly LogLine[],
  init?: SubmitLogsInit,
) => Promise<SubmittedLogs>;

export function createSubmitLogs(host: Host, options: SupportOptions): SubmitLogs {
  const session = `trunkline_${randomUuid()}`;
  const buffer: unknown = options.log ?? host.log;
  /** the last line that support has */
  let sent: LogLine | undefined;

  const own = (type: 'diff' | 'full'): readonly LogLine[] => {
    requireArgument(
      isBuffer(buffer),
      'support.submitLogs',
      'logs: give some, or make the client with createLogBuffer() as its logger',
    );
    const lines = buffer.lines();
    if (type === 'full' || sent === undefined) return lines;
    // lines that fell out of the buffer are gone; -1 + 1 begins at the oldest that is left
    return lines.slice(lines.lastIndexOf(sent) + 1);
  };

  return async (metadata = {}, logs, init = {}) => {
    if (
      logs !== undefined &&
      typeof logs !== 'string' &&
      !(Array.isArray(logs) && (logs as readonly unknown[]).every(isRecord))
    )
      throw unexpected('support.submitLogs: logs', 'a string, or lines of a log', logs);
    const { type = 'full', onProgress, ...call } = init;
    const lines = logs === undefined ? own(type) : undefined;
    // the buffer's own lines were cleaned when they were kept
    const text = lines ? asText(lines) : cleaned(typeof logs === 'string' ? logs : asText(logs ?? []));
    if (text.trim() === '')
      throw sdkError(
        'ERR_ARGUMENT',
        type === 'diff'
          ? 'support.submitLogs: nothing was logged since the last time'
          : 'support.submitLogs: there is nothing in the log to send',
      );
    const bytes = new TextEncoder().encode(text);

    const { locusId, callStart, feedbackId } = metadata;
    const file =
      locusId !== undefined && callStart !== undefined ? `${locusId}_${callStart}.txt` : `${session}.txt`;
    const { body: address } = await host.request<UploadAddress | undefined>({
      ...call,
      method: 'POST',
      service: 'clientLogs',
      path: 'logs/urls',
      body: { file, uploadProtocol: 'content-length' },
    });
    const { tempURL, logFilename, userId, fileUploadSizeLimit, url } = address ?? {};
    if (tempURL === undefined || logFilename === undefined)
      throw sdkError('ERR_BAD_RESPONSE', 'the service gave no address to upload the log to');
    if (fileUploadSizeLimit !== undefined && bytes.length > fileUploadSizeLimit * 1024 * 1024) {
      if (url !== undefined)
        await host.request({ ...call, method: 'DELETE', url, as: 'text' }).catch((error: unknown) => {
          host.log.debug({ error }, 'an upload that was not used could not be removed');
        });
      throw sdkError(
        'ERR_TOO_LARGE',
        `the log has ${String(bytes.length)} bytes, and the service takes ${String(fileUploadSizeLimit)} MiB; send less`,
      );
    }

    await host.request({
      ...call,
      ...(onProgress && { onProgress }),
      method: 'PUT',
      url: tempURL,
      auth: false,
      headers: { 'x-trans-id': randomUuid(), 'content-type': 'text/plain; charset=utf-8' },
      body: bytes,
      as: 'text',
    });

    const said = { ...(options.appVersion !== undefined && { appVersion: options.appVersion }), ...metadata };
    const data = keys.flatMap((key) => {
      const value = said[key];
      return value === undefined ? [] : [{ key, value: String(value) }];
    });
    const about = [
      ...data,
      { key: 'trackingId', value: session },
      ...(userId === undefined ? [] : [{ key: 'userId', value: userId }]),
    ];
    const { headers } = await host.request({
      ...call,
      method: 'POST',
      service: 'clientLogs',
      path: 'logs/meta',
      body: { filename: logFilename, data: about, ...(userId !== undefined && { userId }) },
      idempotent: true, // the same words about the same log
    });
    sent = lines?.at(-1) ?? sent;
    return {
      trackingId: headers.get('trackingid') ?? undefined,
      userId,
      filename: logFilename,
      sizeBytes: bytes.length,
      feedbackId,
      url,
    };
  };
}
