import { sdkError, type Host } from '@trunkline/core';
import { checkArguments, type ParameterRules } from '@trunkline/core/kit';
import { createSubmitLogs } from './logs.js';
import { createMetrics } from './metrics.js';
import type { Support, SupportOptions } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Support> = {
  submitLogs: 'metadata?:object(locusId?:text callStart?:text) logs?:any init?:object(onProgress?:function)',
  getFeedbackUrl: 'details?:object',
  getSupportUrl: 'details?:object',
};

/** What callers see as `client.support`. */
export function createSupport(host: Host, options: SupportOptions = {}): Support {
  const addressIn = (body: { readonly url?: string } | undefined): string => {
    if (typeof body?.url === 'string') return body.url;
    throw sdkError('ERR_BAD_RESPONSE', 'the service gave no address');
  };
  return checkArguments('support', rules, {
    submitLogs: createSubmitLogs(host, options),
    metrics: createMetrics(host, options),
    async getFeedbackUrl(details = {}, init) {
      const { body } = await host.request<{ url?: string } | undefined>({
        ...init,
        method: 'POST',
        service: 'conversation',
        path: 'users/deskFeedbackUrl',
        body: { ...(options.appVersion !== undefined && { appVersion: options.appVersion }), ...details },
        idempotent: true, // nothing is kept
      });
      return addressIn(body);
    },
    async getSupportUrl({ languageCode } = {}, init) {
      const { body } = await host.request<{ url?: string } | undefined>({
        ...init,
        service: 'conversation',
        path: 'users/deskSupportUrl',
        query: { languageCode },
      });
      return addressIn(body);
    },
  });
}
