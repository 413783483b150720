import type { CallInit, LogBuffer, LogLine, UploadInit } from '@trunkline/core';

export interface SupportOptions {
  /** Where logs come from. Left out: the client's `logger`, when that is one of `createLogBuffer`. */
  readonly log?: Pick<LogBuffer, 'lines'>;
  /** Goes with logs and metrics. */
  readonly appVersion?: string;
  /** Names the app in metrics: `client_id`. */
  readonly clientId?: string;
}

/** What a log is about. Everything may be left out. @source protocol/presence-devices-support.md §5 */
export interface LogMetadata {
  readonly locusId?: string;
  readonly appVersion?: string;
  readonly callStart?: string;
  readonly feedbackId?: string;
  readonly correlationId?: string;
  readonly broadworksCorrelationInfo?: string;
  readonly meetingId?: string;
  readonly surveySessionId?: string;
  readonly productAreaTag?: string;
  readonly issueTypeTag?: string;
  readonly issueDescTag?: string;
  readonly locussessionid?: string;
  readonly autoupload?: boolean;
}

export interface SubmitLogsInit extends UploadInit {
  /** `diff`: only lines that came since the last log that was sent. Default `full`. */
  readonly type?: 'diff' | 'full';
}

/** What to tell the people of support. */
export interface SubmittedLogs {
  /** the service's name for it */
  readonly trackingId: string | undefined;
  /** uuid of who sent it, where the service says */
  readonly userId: string | undefined;
  readonly filename: string;
  readonly sizeBytes: number;
  /** as in the metadata */
  readonly feedbackId: string | undefined;
  /** of the log at the service, where it names one */
  readonly url: string | undefined;
}

/** What an app measured. @source protocol/presence-devices-support.md §4 */
export interface ClientMetric {
  /** default `['behavioral', 'operational']` */
  readonly type?: readonly string[];
  /** few values each: they are what is counted by */
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly eventPayload?: Readonly<Record<string, unknown>>;
}

/** Metrics never fail the app: what cannot be sent is dropped, and logged. */
export interface Metrics {
  /**
   * Takes one in. It leaves with others: 500 ms after the last, 1500 ms after the first at the latest, at once when there
   * are 50. When the network fails they are sent again after 1 s, later each time up to 32 s; at most 1,000 wait, then the
   * oldest go. A client that closes sends what waits, within 2 s.
   *
   * @source protocol/presence-devices-support.md §4
   */
  submit(name: string, metric?: ClientMetric): void;
  /** The same, with the id of someone who has not signed in yet: it travels without a token. */
  submitClientMetrics(name: string, metric?: ClientMetric, preLoginId?: string): void;
  /** Sends what waits now. Resolves when it was answered or failed; never rejects. */
  flush(): Promise<void>;
  /**
   * Links the signed-in user to `preLoginId`, the id used before the sign-in.
   *
   * @throws {SdkError} what `client.request` throws; `ERR_ARGUMENT` without an id
   */
  alias(preLoginId: string, init?: CallInit): Promise<void>;
}

/** Support. Calls also throw what `client.request` does. */
export interface Support {
  /**
   * Sends the latest log lines to the service: three requests. Tokens, addresses and what people say are taken out of
   * them first, also out of what you give yourself.
   *
   * @param logs instead of the client's own: text, or lines of a log buffer
   * @throws {SdkError} `ERR_ARGUMENT` when there is nothing to send, before anything leaves; `ERR_TOO_LARGE` when the
   *   service takes less
   * @example const { trackingId } = await client.support.submitLogs({ feedbackId: 'f1' });
   * @source protocol/presence-devices-support.md §5
   */
  submitLogs(
    metadata?: LogMetadata,
    logs?: string | readonly LogLine[],
    init?: SubmitLogsInit,
  ): Promise<SubmittedLogs>;
  /** Address of a page where the signed-in person says what they think. @source protocol/presence-devices-support.md §5 */
  getFeedbackUrl(
    details?: {
      readonly appType?: string;
      readonly appVersion?: string;
      readonly feedbackId?: string;
      readonly languageCode?: string;
    },
    init?: CallInit,
  ): Promise<string>;
  /** Address of a page of help. @source protocol/presence-devices-support.md §5 */
  getSupportUrl(details?: { readonly languageCode?: string }, init?: CallInit): Promise<string>;
  readonly metrics: Metrics;
}
