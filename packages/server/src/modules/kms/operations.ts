import type { KmsAuthorization, KmsKey, KmsResponse } from '@trunkline/wire';
import { isUuid } from '@trunkline/wire';
import { type Fields, text, texts } from '../../kernel/http/untrusted.js';
import type { KeyRow, KeyStore, Tx } from './key-store.js';

/** Whether a user is in the conversation that owns this resource; undefined when no conversation owns it. */
export type MembershipOf = (tx: Tx, resourceUri: string, userId: string) => Promise<boolean | undefined>;

export interface Asker {
  readonly userId: string;
  readonly clientId: string;
  /** in another service's request, which decides itself about who is a member */
  readonly embedded: boolean;
}
/** Accounts with this role may read keys on behalf of other people of their organisation. */
export const agentRole = 'spark.kms_orgagent';
export type Answer = Omit<KmsResponse, 'requestId'>;

/** What one request did, for the service in whose request it was embedded. */
export interface Outcome {
  readonly answer: Answer;
  readonly keyUris: readonly string[];
  readonly kroUrl?: string;
}

const maxKeys = 500;
const refusal = (status: number, reason: string): Outcome => ({ answer: { status, reason }, keyUris: [] });
// one answer for what is unknown and for what is another's: neither can be distinguished from the other
const denied = refusal(403, 'There is no such key or resource for this user.');
// said in the protocol's own terms, so that administrators' tools can tell it from a failure
const noCustomerKeys = refusal(
  501,
  'This key service does not support customer master keys (BYOK): all keys are wrapped by its own master key.',
);

/** Whom an authorization is for: a user, or all who may use another resource. */
const resourceForm = /^kms:\/\/[^/]+\/resources\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** resources that are followed from one to the next when a user asks for a key */
const maxFollowed = 50;

/** True for requests that change nothing. */
export const isRead = (request: Fields): boolean =>
  request['method'] === 'retrieve' ||
  (request['method'] === 'update' && text(request['uri'])?.endsWith('/ping') === true);

/** The operations of the key service. @source protocol/kms-and-encryption.md §5 */
export function createOperations(keys: KeyStore, membershipOf: MembershipOf, now: () => number) {
  /** Directly, or by way of a resource that the asked one is shared with. */
  async function mayUse(tx: Tx, resourceUri: string, userId: string): Promise<boolean> {
    const seen = new Set([resourceUri]);
    for (const uri of seen) {
      // a conversation knows its members itself, whatever is written beside it
      const isMember = await membershipOf(tx, uri, userId);
      if (isMember === true) return true;
      if (isMember === false) continue;
      if (await keys.isAuthorized(tx, uri, userId)) return true;
      if (seen.size > maxFollowed) continue;
      for (const id of await keys.authorized(tx, uri)) if (resourceForm.test(id)) seen.add(id);
    }
    return false;
  }

  const keyObject = (row: KeyRow, asker: Asker): KmsKey => ({
    uri: row.uri,
    jwk: { kty: 'oct', kid: row.uri, alg: 'A256GCM', k: keys.open(row).toString('base64url') },
    userId: row.creator_id,
    clientId: asker.clientId,
    createDate: new Date(row.created_ms).toISOString(),
    expirationDate: new Date(row.created_ms + 100 * 365.25 * 86_400_000).toISOString(),
    ...(row.bound_ms === null ? {} : { bindDate: new Date(row.bound_ms).toISOString() }),
    ...(row.resource_uri === null ? {} : { resourceUri: row.resource_uri }),
  });

  const authorization = (resourceUri: string, authId: string): KmsAuthorization => ({
    uri: `${resourceUri}/authorizations/${authId}`,
    authId,
    resourceUri,
  });
  /** Users and resources that a request names; undefined when one of them is neither. */
  const idsIn = (request: Fields): readonly string[] | undefined => {
    const ids = [...texts(request['userIds']), ...texts(request['authIds'])];
    return ids.every((id) => isUuid(id) || resourceForm.test(id)) ? [...new Set(ids)] : undefined;
  };

  async function createKeys(tx: Tx, asker: Asker, request: Fields): Promise<Outcome> {
    const count = request['count'] ?? 1;
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > maxKeys)
      return refusal(400, `count must be a whole number from 1 to ${String(maxKeys)}`);
    const made: KmsKey[] = [];
    for (let at = 0; at < count; at += 1)
      made.push(keyObject(await keys.createKey(tx, asker.userId, now()), asker));
    return { answer: { status: 201, keys: made }, keyUris: made.map((key) => key.uri) };
  }

  async function createResource(tx: Tx, asker: Asker, request: Fields): Promise<Outcome> {
    const userIds = idsIn(request);
    if (userIds === undefined) return refusal(400, 'userIds must be uuids of users or URIs of resources');
    const keyUris = [...new Set(texts(request['keyUris']))];
    for (const uri of keyUris) {
      const row = await keys.key(tx, uri);
      if (row?.creator_id !== asker.userId || row.resource_uri !== null) return denied;
    }
    const uri = await keys.createResource(tx, now());
    for (const keyUri of keyUris) await keys.bind(tx, keyUri, uri, now());
    // no user locks themselves out
    const all = [...new Set([asker.userId, ...userIds])];
    await keys.authorize(tx, uri, all);
    const authorizationUris = all.map((id) => authorization(uri, id).uri);
    return { answer: { status: 201, resource: { uri, keyUris, authorizationUris } }, keyUris, kroUrl: uri };
  }

  async function createAuthorizations(tx: Tx, asker: Asker, request: Fields): Promise<Outcome> {
    const resourceUri = text(request['resourceUri']);
    const userIds = idsIn(request);
    if (resourceUri === undefined || userIds === undefined || userIds.length === 0)
      return refusal(400, 'resourceUri and userIds (uuids of users or URIs of resources) are needed');
    if (!(await mayUse(tx, resourceUri, asker.userId))) return denied;
    if (!asker.embedded)
      for (const userId of userIds)
        if ((await membershipOf(tx, resourceUri, userId)) === false)
          return refusal(
            403,
            'This resource belongs to a conversation: add people to the conversation instead.',
          );
    await keys.authorize(tx, resourceUri, userIds);
    const authorizations = userIds.map((id) => authorization(resourceUri, id));
    return { answer: { status: 201, authorizations }, keyUris: [], kroUrl: resourceUri };
  }

  async function retrieveKey(tx: Tx, asker: Asker, uri: string): Promise<Outcome> {
    const row = await keys.key(tx, uri);
    if (row === undefined) return denied;
    const allowed =
      row.resource_uri === null
        ? row.creator_id === asker.userId
        : await mayUse(tx, row.resource_uri, asker.userId);
    return allowed ? { answer: { status: 200, key: keyObject(row, asker) }, keyUris: [uri] } : denied;
  }

  async function bindKey(tx: Tx, asker: Asker, uri: string, request: Fields): Promise<Outcome> {
    const resourceUri = text(request['resourceUri']);
    if (resourceUri === undefined) return refusal(400, 'resourceUri is needed');
    const row = await keys.key(tx, uri);
    if (row?.creator_id !== asker.userId || !(await mayUse(tx, resourceUri, asker.userId))) return denied;
    if (row.resource_uri !== null && row.resource_uri !== resourceUri)
      return refusal(409, 'The key is bound to another resource already.');
    await keys.bind(tx, uri, resourceUri, now());
    const bound = { ...row, resource_uri: resourceUri, bound_ms: row.bound_ms ?? now() };
    return { answer: { status: 200, key: keyObject(bound, asker) }, keyUris: [uri], kroUrl: resourceUri };
  }

  async function authorizationsOf(tx: Tx, asker: Asker, resourceUri: string): Promise<Outcome> {
    if (!(await mayUse(tx, resourceUri, asker.userId))) return denied;
    const ids = await keys.authorized(tx, resourceUri);
    return {
      answer: {
        status: 200,
        // a list names the resource that an authorization is for, where it is not for a user
        authorizations: ids.map((id) => ({
          ...authorization(resourceUri, id),
          ...(resourceForm.test(id) ? { resourceUri: id } : {}),
        })),
      },
      keyUris: [],
      kroUrl: resourceUri,
    };
  }

  async function removeAuthorization(
    tx: Tx,
    asker: Asker,
    resourceUri: string,
    authId: string,
  ): Promise<Outcome> {
    const owned = await membershipOf(tx, resourceUri, asker.userId);
    if (!(await mayUse(tx, resourceUri, asker.userId))) return denied;
    if (owned !== undefined && !asker.embedded)
      return refusal(
        403,
        'This resource belongs to a conversation: remove people from the conversation instead.',
      );
    await keys.revoke(tx, resourceUri, authId);
    const authorizations = [authorization(resourceUri, authId)];
    return { answer: { status: 200, authorizations }, keyUris: [], kroUrl: resourceUri };
  }

  /** Carries out one request. Nothing that a client can say makes it throw. */
  return async function execute(tx: Tx, asker: Asker, request: Fields): Promise<Outcome> {
    const method = text(request['method']) ?? '';
    const uri = text(request['uri']) ?? '';
    // both forms are in use: `/keys` and `kms://HOST/keys`
    const [path = '', query = ''] = uri.replace(/^kms:\/\/[^/]+/, '').split('?');
    const resource = /^\/resources\/[^/]+(?=\/authorizations\/?)/.exec(path)?.[0];
    const resourceUri =
      resource === undefined ? undefined : uri.slice(0, uri.indexOf(resource) + resource.length);
    if (/^\/(publicKey|cmk|awsKmsCmk)(\/|$)/.test(path) || request['keyState'] !== undefined)
      return noCustomerKeys;
    switch (method) {
      case 'create':
        if (path === '/keys') return createKeys(tx, asker, request);
        if (path === '/resources') return createResource(tx, asker, request);
        if (path === '/authorizations') return createAuthorizations(tx, asker, request);
        break;
      case 'retrieve':
        if (path.startsWith('/keys/')) return retrieveKey(tx, asker, uri);
        if (resourceUri !== undefined) return authorizationsOf(tx, asker, resourceUri);
        break;
      case 'update':
        if (path === '/ping') return { answer: { status: 200 }, keyUris: [] };
        if (path.startsWith('/keys/')) return bindKey(tx, asker, uri, request);
        break;
      case 'delete': {
        const authId = new URLSearchParams(query).get('authId') ?? text(request['authId']);
        if (resourceUri !== undefined && authId !== undefined)
          return removeAuthorization(tx, asker, resourceUri, authId);
        break;
      }
    }
    return refusal(501, 'This key service does not know that operation.');
  };
}
