import formbody from '@fastify/formbody';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { elapsedTime } from '../../kernel/clock.js';
import { ApiError, badRequest, forbidden, unauthorized } from '../../kernel/http/errors.js';
import { flag } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import {
  type Client,
  covers,
  type Granted,
  type Identity,
  needed,
  oauthError,
  type OauthFields,
  registeredClient,
  sortScope,
  textFields,
  tokenAnswer,
  type User,
} from '../identity/api.js';
import { createAllowance } from './allowance.js';
import type { Mailer } from './mailer.js';
import type { OneTimeCodes, Proof } from './one-time-codes.js';

const actions = `${servicePaths.idbroker}/idb/token/v1/actions`;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** mails an hour for one mailbox, of each kind */
const mailsAnHour = 5;
/** addresses an hour that one person may ask about */
const lookupsAnHour = 60;

/**
 * Codes by mail, for confidential clients alone: anyone who may call here could have mails sent to anybody. An address
 * without an account is answered like one that waits to be activated. People who are signed in may ask how it stands with an
 * address of their organisation; nothing is mailed for them.
 *
 * @source protocol/identity-and-services.md §3.9, protocol/presence-devices-support.md §7
 */
export function activationRoutes(
  kernel: Kernel,
  parts: { readonly identity: Identity; readonly codes: OneTimeCodes; readonly mailer: Mailer },
): Routes {
  const { identity, codes, mailer } = parts;
  const { clients, tokens, users } = identity;
  const allowances = {
    activation: createAllowance(() => elapsedTime(kernel), mailsAnHour),
    password: createAllowance(() => elapsedTime(kernel), mailsAnHour),
    lookup: createAllowance(() => elapsedTime(kernel), lookupsAnHour, 'addresses were'),
  };

  async function confidential(request: FastifyRequest): Promise<Client> {
    const client = await registeredClient(clients, request, {});
    if (client.isPublic) throw oauthError('unauthorized_client', 'Only a client with a secret may do this.');
    return client;
  }

  /** A client by its secret, or by a token that it got for itself; or a user who is signed in. */
  async function asker(request: FastifyRequest): Promise<{ client: Client } | { person: User }> {
    if (/^Basic /i.test(request.headers.authorization ?? '')) return { client: await confidential(request) };
    const text = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const kept = text === undefined ? undefined : await tokens.find(text, 'access');
    const user = kept && (await identity.userById(kept.user_id));
    if (kept === undefined || user === undefined) throw unauthorized();
    if (hasMailbox(user)) return { person: user };
    const client = kept.client_id === null ? undefined : await clients.find(kept.client_id);
    if (client === undefined || client.isPublic || !user.roles.includes('machine'))
      throw forbidden('Only people and programs of their own may do this.');
    return { client };
  }

  // guests and programs have none
  const hasMailbox = ({ roles }: User): boolean => !roles.includes('guest') && !roles.includes('machine');
  const personOrNone = (user: User | undefined): User | undefined =>
    user !== undefined && hasMailbox(user) ? user : undefined;

  async function personOf(fields: OauthFields): Promise<{ mailbox: string; user: User | undefined }> {
    const { email, id } = fields;
    if (email !== undefined && /^[^\s@:]+@[^\s@:]+$/.test(email) && email.length <= 254) {
      return { mailbox: email, user: personOrNone(await identity.userByEmail(email)) };
    }
    if (id !== undefined && uuid.test(id)) {
      const user = personOrNone(await identity.userById(id));
      return { mailbox: user?.email ?? id, user };
    }
    throw oauthError('invalid_request', 'Give the email address of a person, or their id.');
  }

  /** The client, with the scope that it asks for. */
  function scoped(client: Client, fields: OauthFields): { id: string; scope: string } {
    const scope = sortScope(fields['scope'] ?? '') || sortScope(client.scope);
    if (!covers(client.scope, scope))
      throw oauthError('invalid_scope', 'The client is not registered for all of these scopes.');
    return { id: client.id, scope };
  }
  async function signedIn(
    request: FastifyRequest,
    redeemed: { readonly userId: string; readonly granted: Granted } | undefined,
  ): Promise<object> {
    const user = redeemed && (await identity.userById(redeemed.userId));
    if (redeemed === undefined || user === undefined)
      throw oauthError('invalid_grant', 'The code is not right, was used, tried too often, or is too old.');
    return {
      id: user.id,
      email: user.email,
      url: `${kernel.urls(request).service('identity')}/scim/v1/Users/${user.id}`,
      tokenData: tokenAnswer(redeemed.granted),
    };
  }

  async function activations(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    void reply.header('cache-control', 'no-store');
    const by = await asker(request);
    if ('person' in by) allowances.lookup.take(by.person.id);
    const fields = textFields(request.body);
    if (fields['email'] === undefined) throw badRequest('The field email is missing.');
    const { mailbox, user: found } = await personOf({ email: fields['email'] });
    // to people, people of other organisations are unknown
    const user = 'person' in by && by.person.org_id !== found?.org_id ? undefined : found;
    const hasPassword = user !== undefined && (await users.hasPassword(user.id));
    const silent = flag((request.body as Record<string, unknown>)['suppressEmail']);
    const client = !hasPassword && !silent && 'client' in by ? by.client : undefined;
    let id: string = randomUUID();
    if (client !== undefined) {
      allowances.activation.take(mailbox);
      if (user === undefined) await codes.pretend();
      else {
        const sent = await codes.create('activation', user.id, client.id);
        id = sent.id;
        await mailer.send({
          to: user.email,
          subject: `Your code for ${plain(client.name)}`,
          text:
            `Hello ${user.display_name},\n\nto begin with ${client.name}, enter this code: ${sent.code}\n\n` +
            `Or, where a longer one is asked for:\n${sent.token}\n\nThey are good for 24 hours, once. If you did not ask ` +
            `for this, you need not do anything.\n`,
        });
      }
    }
    return {
      id,
      email: mailbox.toLowerCase(),
      hasPassword,
      sso: false,
      verificationEmailTriggered: client !== undefined,
    };
  }

  return (app) => {
    void app.register(formbody, { bodyLimit: 16_384 });
    for (const path of [
      `${servicePaths.license}/users/activations`,
      `${servicePaths['user-onboarding']}/api/v1/users/activations`,
      `${servicePaths.atlas}/users/activations`,
    ])
      app.post(path, activations);

    app.post(`${actions}/UserOTP/Generate/invoke`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const client = await confidential(request);
      const { mailbox, user } = await personOf(textFields(request.body));
      allowances.password.take(mailbox);
      let id: string = randomUUID();
      if (user === undefined) await codes.pretend();
      else {
        const sent = await codes.create('password', user.id, client.id);
        const { code } = sent;
        id = sent.id;
        await mailer.send({
          to: user.email,
          subject: `Your one-time password for ${plain(client.name)}`,
          text:
            `Hello ${user.display_name},\n\nyour one-time password for ${client.name} is ${code}\n\nIt is good for ten ` +
            `minutes, once. If you did not ask for it, another person did: do not share it.\n`,
        });
      }
      // the same for an address that is no one's; the password itself is in the mail only
      const { email } = textFields(request.body);
      return { id, ...(email === undefined ? {} : { email }) };
    });

    app.post(`${actions}/UserOTP/Validate/invoke`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const client = await confidential(request);
      const fields = textFields(request.body);
      const code = digits(needed(fields, 'oneTimePassword'));
      const { user } = await personOf(fields);
      return signedIn(
        request,
        await codes.redeem('password', { userId: user?.id, code }, scoped(client, fields)),
      );
    });

    app.post(`${actions}/UserActivation/invoke`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const client = await confidential(request);
      const fields = textFields(request.body);
      const token = fields['verificationToken'];
      const proof: Proof =
        token === undefined
          ? { id: needed(fields, 'id'), code: digits(needed(fields, 'confirmationCode')) }
          : { token };
      return signedIn(request, await codes.redeem('activation', proof, scoped(client, fields)));
    });
  };
}

/** As people type them; too long is wrong without being looked at. */
function digits(text: string): string {
  if (text.length > 64) throw new ApiError(400, 'This is not a code.');
  return text.replace(/[\s-]/g, '');
}
// a header of a mail: what is not ASCII would have to be encoded
const plain = (name: string): string => name.replace(/[^\x20-\x7e]+/g, '?').slice(0, 80);
