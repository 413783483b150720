import type { LogMetadata } from '@trunkline/support';
import { official } from './http-error.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

/** What `submitLogs` resolves with. */
export interface UploadLogsResponse {
  readonly trackingid?: string;
  /** of the log at the service */
  readonly url?: string;
  readonly userId?: string;
  readonly feedbackId?: string;
  /** as in the metadata */
  readonly correlationId?: string;
  readonly filename: string;
}

/** `webex.internal.support` @source protocol/presence-devices-support.md §5 */
export class Support extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Support' };

  /** Sends what was logged, or what is given; tokens, addresses and words are taken out. */
  async submitLogs(
    metadata: LogMetadata = {},
    logs?: string,
    { type }: { readonly type?: 'diff' | 'full' } = {},
  ): Promise<UploadLogsResponse> {
    const { client } = this.webex.linkage.get();
    const kind = type ?? (this.config['incrementalLogs'] === true ? 'diff' : 'full');
    const { trackingId, userId, filename, feedbackId, url } = await official(
      client.support.submitLogs(metadata, logs, { type: kind }),
    );
    return {
      filename,
      ...(trackingId !== undefined && { trackingid: trackingId }),
      ...(userId !== undefined && { userId }),
      ...(feedbackId !== undefined && { feedbackId }),
      ...(url !== undefined && { url }),
      ...(metadata.correlationId !== undefined && { correlationId: metadata.correlationId }),
    };
  }
  getFeedbackUrl(details: Readonly<Record<string, string>> = {}): Promise<string> {
    return official(this.webex.linkage.get().client.support.getFeedbackUrl(details));
  }
  getSupportUrl(): Promise<string> {
    const { languageCode } = this.config as { readonly languageCode?: string };
    return official(
      this.webex.linkage.get().client.support.getSupportUrl({ ...(languageCode && { languageCode }) }),
    );
  }
}
