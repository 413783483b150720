import { sdkError } from '@trunkline/core';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import type { OfficialRequest } from './request.js';

type Body = Readonly<Record<string, unknown>>;
type UserRef = string | { readonly id?: string; readonly email?: string; readonly emailAddress?: string };
interface Lookup {
  /** asks even for what is known */
  readonly force?: boolean;
  /** makes an account where there is none */
  readonly create?: boolean;
}
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const schemas = ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:cisco:commonidentity:1.0'];

/** `webex.internal.user` @source protocol/presence-devices-support.md §7 */
export class User extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'User',
    session: { hasPassword: ['boolean', true, false] },
  };
  declare hasPassword: boolean;
  /** ids by address, small letters */
  declare private readonly known: Map<string, string>;

  override initialize(): void {
    Object.defineProperty(this, 'known', { value: new Map(), enumerable: false });
  }
  /** Oneself. */
  override async get(): Promise<Body> {
    const { body } = await this.webex.request<Body>({ service: 'conversation', resource: 'users' });
    const email = body['email'] ?? body['emailAddress'];
    if (typeof email === 'string' && typeof body['id'] === 'string')
      this.known.set(email.toLowerCase(), body['id']);
    return body;
  }
  /** The uuid of one or of several, given by uuid or address. @throws `ERR_NOT_FOUND` no one has that address */
  asUUID(user: UserRef, options?: Lookup): Promise<string>;
  asUUID(users: readonly UserRef[], options?: Lookup): Promise<readonly string[]>;
  async asUUID(
    user: UserRef | readonly UserRef[],
    options: Lookup = {},
  ): Promise<string | readonly string[]> {
    if (Array.isArray(user))
      return Promise.all((user as readonly UserRef[]).map((each) => this.asUUID(each, options)));
    const one = user as UserRef;
    const id = typeof one === 'string' ? one : (one.id ?? one.email ?? one.emailAddress ?? '');
    if (uuid.test(id)) return id.toLowerCase();
    if (!id.includes('@'))
      throw sdkError('ERR_ARGUMENT', 'a person is known by a uuid or an address; this is neither');
    const known = options.force === true ? undefined : this.known.get(id.toLowerCase());
    return known ?? this.fetchUUID(id, options);
  }
  getUUID(user: UserRef, options?: Lookup): Promise<string> {
    return this.asUUID(user, options);
  }
  async fetchUUID(email: string, { create = false }: Lookup = {}): Promise<string> {
    const { body } = await this.webex.request<Readonly<Record<string, { readonly id?: string }>>>({
      method: 'POST',
      service: 'conversation',
      resource: 'users',
      ...(create && { qs: { shouldCreateUsers: true } }),
      body: [{ email }],
    });
    const id = body[email]?.id ?? body[email.toLowerCase()]?.id;
    if (id === undefined)
      throw sdkError('ERR_NOT_FOUND', 'there is no one with that address', { status: 404 });
    this.known.set(email.toLowerCase(), id);
    return id;
  }
  /** Keeps whose address it is. */
  recordUUID({ id, emailAddress }: { readonly id: string; readonly emailAddress: string }): Promise<void> {
    if (!uuid.test(id) || !emailAddress.includes('@'))
      return Promise.reject(sdkError('ERR_ARGUMENT', 'recordUUID needs id, a uuid, and emailAddress'));
    this.known.set(emailAddress.toLowerCase(), id);
    return Promise.resolve();
  }
  async update({ displayName }: { readonly displayName: string }): Promise<Body> {
    if (!displayName) throw sdkError('ERR_ARGUMENT', 'update needs a displayName');
    return this.send({
      method: 'PATCH',
      service: 'conversation',
      resource: 'users/user',
      body: { displayName },
    });
  }
  /** What is known of an address, before anybody is signed in; mails a code to who has no password. */
  async verify(given: {
    readonly email: string;
    readonly preloginId?: string;
    readonly [more: string]: unknown;
  }): Promise<Body> {
    const { preloginId, ...body } = given;
    if (!body.email) throw sdkError('ERR_ARGUMENT', 'verify needs an email');
    const own = await this.webex.credentials.getClientToken();
    const answer = await this.send({
      method: 'POST',
      uri: `${await this.atlas()}/users/activations`,
      headers: {
        authorization: String(own),
        accept: 'application/json',
        ...(preloginId !== undefined && { 'x-prelogin-userid': preloginId }),
      },
      body: { reqId: 'WEBCLIENT', ...body },
    });
    this.set({ hasPassword: answer['hasPassword'] === true });
    return answer;
  }
  /** Signs in with the code, or the long text, of the mail. */
  activate(
    proof:
      { readonly verificationToken: string } | { readonly confirmationCode: string; readonly id: string },
  ): Promise<Body> {
    return this.signIn('UserActivation/invoke', proof);
  }
  /** Has a one-time password mailed. */
  generateOTP(person: { readonly email: string } | { readonly id: string }): Promise<Body> {
    return this.ask('UserOTP/Generate/invoke', person);
  }
  /** Signs in with it: `{ tokenData }`, which `credentials` take over. */
  validateOTP(
    proof: ({ readonly email: string } | { readonly id: string }) & { readonly oneTimePassword: string },
  ): Promise<Body> {
    return this.signIn('UserOTP/Validate/invoke', proof);
  }
  setPassword({ password }: { readonly password: string }): Promise<Body> {
    if (!password) return Promise.reject(sdkError('ERR_ARGUMENT', 'setPassword needs a password'));
    return this.patchMe({ password });
  }
  updateName(name: {
    readonly givenName?: string;
    readonly familyName?: string;
    readonly displayName?: string;
  }): Promise<Body> {
    const { givenName, familyName, displayName } = name;
    if (!givenName && !familyName && !displayName)
      return Promise.reject(sdkError('ERR_ARGUMENT', 'updateName needs a name'));
    return this.patchMe({
      ...((givenName ?? familyName) !== undefined && { name: { givenName, familyName } }),
      ...(displayName !== undefined && { displayName }),
    });
  }
  /** What the service says of an address. */
  getUserCI(email: string): Promise<Body> {
    return this.verify({ email, suppressEmail: true });
  }

  readonly register = refuses('user.register()', 'use verify() and activate()');

  /** Its address is also found when no one is signed in. */
  private async atlas(): Promise<string> {
    const known = this.webex.internal.services.get('atlas');
    if (known !== undefined) return known;
    const { body } = await this.webex.request<{ readonly serviceLinks?: Readonly<Record<string, string>> }>({
      service: 'u2c',
      resource: 'limited/catalog',
      qs: { mode: 'DEFAULT_BY_PROXIMITY', format: 'hostmap' },
      addAuthHeader: false,
    });
    const url = body.serviceLinks?.['atlas'];
    if (url === undefined)
      throw sdkError('ERR_UNKNOWN_SERVICE', "the catalog has no service 'atlas'. Check the service.");
    return url.replace(/\/$/, '');
  }
  private async patchMe(body: Body): Promise<Body> {
    const id = this.webex.internal.device.userId ?? String((await this.get())['id']);
    return this.send({
      method: 'PATCH',
      service: 'identity',
      resource: `identity/scim/v1/Users/${id}`,
      body: { schemas, ...body },
    });
  }
  private ask(action: string, body: object): Promise<Body> {
    const { client_id: user, client_secret: pass } = this.webex.config.credentials ?? {};
    if (user === undefined || pass === undefined)
      return Promise.reject(
        sdkError(
          'ERR_CONFIG',
          'this needs config.credentials.client_id and client_secret: ask from a server',
        ),
      );
    return this.send({
      method: 'POST',
      service: 'idbroker',
      resource: `idb/token/v1/actions/${action}`,
      auth: { user, pass },
      body,
    });
  }
  private async signIn(action: string, proof: object): Promise<Body> {
    const { scope } = this.webex.config.credentials ?? {};
    const body = await this.ask(action, { ...proof, ...(scope !== undefined && { scope }) });
    if (typeof body['tokenData'] === 'object') this.webex.credentials.set({ supertoken: body['tokenData'] });
    return body;
  }
  private async send(options: OfficialRequest): Promise<Body> {
    return (await this.webex.request<Body>(options)).body;
  }
}
