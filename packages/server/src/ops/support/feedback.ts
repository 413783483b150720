import formbody from '@fastify/formbody';
import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { html, type Html } from '../../kernel/html/html.js';
import { type Page, sendPage } from '../../kernel/html/pages.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Signer } from '../../kernel/vault/vault.js';
import type { Identity } from '../../modules/identity/api.js';
import type { FeedbackTable } from './schema.js';

/** ms that an address is good for */
const lifeMs = 86_400_000;
/** feedback that one person may leave; older goes first */
const perUser = 100;
const longest = 4_000;
/** what apps say of themselves, which goes with the feedback */
const told = ['appType', 'appVersion', 'feedbackId', 'languageCode', 'correlationId', 'meetingId'] as const;

/** What an address stands for: who, what app, and until when. */
interface Ticket {
  readonly userId: string;
  readonly until: number;
  readonly app: Readonly<Record<string, string>>;
}

function formPage(problem?: string): Page {
  return {
    status: problem === undefined ? 200 : 400,
    title: 'Feedback',
    redirectUri: 'self',
    body: html`<h1>Feedback</h1>
      <p class="lead">What you write goes to the people who run this service, with your name.</p>
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <form method="post">
        <label for="rating">How is it going?</label>
        <select id="rating" name="rating">
          <option value="">No answer</option>
          ${[5, 4, 3, 2, 1].map((n): Html => html`<option value="${n}">${words[n - 1]}</option>`)}
        </select>
        <label for="text">What happened, or what is missing?</label>
        <textarea id="text" name="text" rows="6" maxlength="${longest}" required></textarea>
        <div class="buttons"><button class="main" type="submit">Send</button></div>
      </form>`,
  };
}
const words = ['Very badly', 'Badly', 'So so', 'Well', 'Very well'];

const thanksPage: Page = {
  status: 200,
  title: 'Thank you',
  body: html`<h1>Thank you</h1>
    <p class="lead">Your feedback was kept. You can close this window now.</p>`,
};
const overPage: Page = {
  status: 404,
  title: 'This link does not work',
  body: html`<h1>This link does not work</h1>
    <p class="problem" role="alert">It is not whole, or its time is over.</p>
    <p class="note">Ask for feedback again in the app: it gives you a new one.</p>`,
};
const helpPage = (link: string): Page => ({
  status: 200,
  title: 'Support',
  body: html`<h1>Support</h1>
    <p class="lead">This service is run by your organization. The people who run it are the ones to ask.</p>
    <p>
      They can read logs that you send from your app, and your <a href="${link}">feedback</a>: say what you
      did, what you expected, and when it happened.
    </p>`,
});

/** Where people say what they think. @source protocol/presence-devices-support.md §5 */
export function createFeedback(
  kernel: Kernel,
  identity: Identity,
  signer: Signer,
): { routes: Routes; list(max: number): Promise<readonly FeedbackTable[]> } {
  const { store } = kernel;
  const sealed = (ticket: Ticket): string => {
    const payload = Buffer.from(JSON.stringify(ticket)).toString('base64url');
    return `${payload}/${signer.sign(payload)}`;
  };
  function ticketOf(request: FastifyRequest): Ticket | undefined {
    const payload = param(request.params, 'payload') ?? '';
    if (!signer.verify(payload, param(request.params, 'signature') ?? '')) return undefined;
    const ticket = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Ticket;
    return ticket.until > kernel.now() ? ticket : undefined;
  }
  const linkFor = (request: FastifyRequest, userId: string, said: unknown): string => {
    const app: Record<string, string> = {};
    for (const name of told) {
      const value = text(fields(said)[name]);
      // all of it travels in the link, whose parts must stay under 1000 characters
      if (value !== undefined && value !== '')
        app[name] = value.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, 64);
    }
    const ticket = { userId, until: kernel.now() + lifeMs, app };
    return `${kernel.urls(request).base}/support/feedback/${sealed(ticket)}`;
  };

  async function keep({ userId, app }: Ticket, rating: number | null, said: string): Promise<void> {
    await store.write(async ({ tx }) => {
      const old = await tx
        .selectFrom('feedback')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('created_ms', 'desc')
        .orderBy('id')
        .offset(perUser - 1)
        .limit(perUser)
        .execute();
      if (old.length > 0)
        await tx
          .deleteFrom('feedback')
          .where(
            'id',
            'in',
            old.map(({ id }) => id),
          )
          .execute();
      const row = {
        id: randomUUID(),
        user_id: userId,
        rating,
        text: said,
        app: JSON.stringify(app),
        created_ms: kernel.now(),
      };
      await tx.insertInto('feedback').values(row).execute();
    });
  }

  return {
    list: (max) =>
      store.db
        .selectFrom('feedback')
        .selectAll()
        .orderBy('created_ms', 'desc')
        .orderBy('id')
        .limit(max)
        .execute(),
    routes: (app) => {
      void app.register(formbody, { bodyLimit: 65_536 });
      const users = `${servicePaths.conversation}/users`;
      app.post(`${users}/deskFeedbackUrl`, async (request) => {
        const { user } = await identity.caller(request);
        return { url: linkFor(request, user.id, request.body) };
      });
      app.get(`${users}/deskSupportUrl`, async (request) => {
        const { user } = await identity.caller(request);
        const link = linkFor(request, user.id, request.query);
        return { url: link.replace('/support/feedback/', '/support/help/') };
      });

      app.get('/support/help/:payload/:signature', (request, reply) => {
        if (ticketOf(request) === undefined) return sendPage(reply, overPage);
        const { payload = '', signature = '' } = request.params as Record<string, string>;
        return sendPage(reply, helpPage(`/support/feedback/${payload}/${signature}`));
      });
      app.get('/support/feedback/:payload/:signature', (request, reply) =>
        sendPage(reply, ticketOf(request) === undefined ? overPage : formPage()),
      );
      app.post('/support/feedback/:payload/:signature', async (request, reply) => {
        const ticket = ticketOf(request);
        if (ticket === undefined) return sendPage(reply, overPage);
        const { rating, text: said } = fields(request.body);
        if (rating !== undefined && !/^[1-5]?$/.test(text(rating) ?? 'x'))
          return sendPage(reply, formPage('This answer is not among those to choose from.'));
        const written = (text(said) ?? '').trim();
        if (written === '') return sendPage(reply, formPage('Write a few words.'));
        if (written.length > longest)
          return sendPage(reply, formPage(`At most ${String(longest)} characters, please.`));
        await keep(ticket, rating === undefined || rating === '' ? null : Number(rating), written);
        return sendPage(reply, thanksPage);
      });
    },
  };
}
