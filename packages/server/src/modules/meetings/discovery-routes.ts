import { html } from '../../kernel/html/html.js';
import { sendPage } from '../../kernel/html/pages.js';
import { notFound } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Identity } from '../identity/api.js';
import { meetingLink } from './places.js';

/** The service has no media clusters besides itself, and media reaches it without a test. */
const noClusters = {
  clusters: {},
  clusterClasses: { hybridMedia: [] },
  joinCookie: {},
  discoveryOptions: { 'early-call-min-clusters': 0, 'report-version': 1 },
};

/** Which media clusters there are, and the page that a meeting link leads to. */
export function discoveryRoutes(kernel: Kernel, identity: Pick<Identity, 'caller'>): Routes {
  return (app) => {
    for (const method of ['GET', 'POST'] as const)
      app.route({
        method,
        url: `${servicePaths.calliopeDiscovery}/clusters`,
        handler: async (request) => {
          await identity.caller(request, 'spark:all');
          return noClusters;
        },
      });
    // the same for every number: it does not say which meetings exist
    app.get<{ Params: { number: string } }>('/m/:number', (request, reply) => {
      const { number } = request.params;
      if (!/^\d{6,15}$/.test(number)) throw notFound();
      const groups = number.replace(/(\d{3,4})(?=(\d{3})+$)/g, '$1 ');
      const body = html`
        <h1>Join a meeting</h1>
        <p class="lead">This is the address of a meeting on this service. You join it from your app.</p>
        <p class="shown-code">${groups}</p>
        <ol>
          <li>Open your app and sign in.</li>
          <li>Choose to join a meeting.</li>
          <li>Enter the number above, or this address: ${meetingLink(kernel.urls(request), number)}</li>
        </ol>
        <p class="note">If the meeting has a password, the app asks you for it.</p>
      `;
      return sendPage(reply, { status: 200, title: 'Join a meeting', body });
    });
  };
}
