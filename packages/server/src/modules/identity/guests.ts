import { decodeJwt, errors, jwtVerify } from 'jose';
import { randomBytes, randomUUID } from 'node:crypto';
import { ApiError } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Vault } from '../../kernel/vault/vault.js';
import type { User } from './api.js';
import type { Tokens } from './tokens.js';
import type { Users } from './users.js';

/** seconds */
const lifeS = 6 * 3600;
/** seconds by which the clocks of two machines may differ */
const skewS = 30;
const longestJwt = 8192;

const refused = (why: string): ApiError => new ApiError(401, why);
const textClaim = (value: unknown, longest: number): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, longest) : undefined;

export interface Guests {
  /** Registers a user who may vouch for guests. The secret is shown once. */
  createIssuer(name?: string): Promise<{ readonly issuer: string; readonly secret: string }>;
  listIssuers(): Promise<
    readonly { readonly issuer: string; readonly name: string; readonly createdMs: number }[]
  >;
  /** Their guests are signed out and come in no more; what they wrote stays. False when there is none of this id. */
  removeIssuer(issuer: string): Promise<boolean>;
}

/**
 * People without an account, for whom an app vouches with a signed token; the same `sub` of the same issuer is the same
 * person each time. The secrets must be known to check signatures, so they are kept wrapped, not hashed.
 *
 * @source protocol/identity-and-services.md §3.4
 */
export function createGuests(
  kernel: Kernel,
  identity: { readonly users: Users; readonly tokens: Tokens },
  vault: Vault,
): { readonly api: Guests; readonly routes: Routes } {
  const { store } = kernel;
  const { users, tokens } = identity;
  const vaultName = (issuer: string): string => `guest-issuer/${issuer}`;

  async function secretOf(issuer: string): Promise<Buffer | undefined> {
    const row = await store.db
      .selectFrom('guest_issuers')
      .select('wrapped')
      .where('id', '=', issuer)
      .executeTakeFirst();
    return row && vault.unwrap(vaultName(issuer), row.wrapped);
  }

  async function check(jwt: string): Promise<{ issuer: string; sub: string; name: string | undefined }> {
    if (jwt.length > longestJwt) throw refused('The guest token is too long.');
    if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt))
      throw refused('The authorization header must hold a guest token (a JWT), and nothing before it.');
    const issuer = issuerOf(jwt);
    const secret = issuer === undefined ? undefined : await secretOf(issuer);
    if (issuer === undefined || secret === undefined)
      throw refused('The guest token names no issuer (iss) that is registered here.');
    try {
      const { payload } = await jwtVerify(jwt, secret, {
        algorithms: ['HS256'],
        currentDate: new Date(kernel.now()),
        clockTolerance: skewS,
        requiredClaims: ['sub', 'exp'],
      });
      const sub = textClaim(payload.sub, 256);
      if (sub === undefined) throw refused('The guest token has no subject (sub).');
      return { issuer, sub, name: textClaim(payload['name'], 128) };
    } catch (error) {
      throw refused(wordsFor(error));
    }
  }

  /** The guest behind this name; made at their first visit, called as the newest token calls them. */
  const guest = (issuer: string, sub: string, name: string | undefined): Promise<Pick<User, 'id'>> =>
    store.write(async (write) => {
      const { tx } = write;
      const known = await tx
        .selectFrom('guests')
        .select('user_id')
        .where('issuer_id', '=', issuer)
        .where('sub', '=', sub)
        .executeTakeFirst();
      if (known !== undefined) {
        if (name !== undefined) await users.change(write, known.user_id, { display_name: name });
        return { id: known.user_id };
      }
      const made = await users.createWithin(write, { displayName: name ?? 'Guest', roles: ['guest'] });
      await tx.insertInto('guests').values({ issuer_id: issuer, sub, user_id: made.id }).execute();
      return made;
    });

  const api: Guests = {
    createIssuer: async (name = '') => {
      const issuer = randomUUID();
      const secret = randomBytes(32);
      const wrapped = vault.wrap(vaultName(issuer), secret);
      await store.write(({ tx }) =>
        tx
          .insertInto('guest_issuers')
          .values({ id: issuer, wrapped, name, created_ms: kernel.now() })
          .execute(),
      );
      return { issuer, secret: secret.toString('base64') };
    },
    listIssuers: async () => {
      const rows = await store.db
        .selectFrom('guest_issuers')
        .select(['id', 'name', 'created_ms'])
        .orderBy('created_ms')
        .execute();
      return rows.map(({ id, name, created_ms }) => ({ issuer: id, name, createdMs: created_ms }));
    },
    removeIssuer: (issuer) =>
      store.write(async (write) => {
        const { tx } = write;
        const gone = await tx.deleteFrom('guest_issuers').where('id', '=', issuer).returning('id').execute();
        const left = await tx
          .deleteFrom('guests')
          .where('issuer_id', '=', issuer)
          .returning('user_id')
          .execute();
        await tokens.removeHeld(write, { userIds: left.map((guest) => guest.user_id) });
        return gone.length > 0;
      }),
  };
  const routes: Routes = (app) => {
    app.post(`${servicePaths.hydra}/jwt/login`, async (request, reply) => {
      const { issuer, sub, name } = await check(request.headers.authorization ?? '');
      const { id } = await guest(issuer, sub, name);
      const issued = await tokens.grantOnce(id, { expiresIn: lifeS, guest: true });
      return reply
        .header('cache-control', 'no-store')
        .send({ token: issued.accessToken, expiresIn: issued.expiresIn });
    });
  };
  return { api, routes };
}

function issuerOf(jwt: string): string | undefined {
  try {
    return textClaim(decodeJwt(jwt).iss, 200);
  } catch {
    throw refused('The guest token is not well formed.');
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof errors.JWTExpired) return 'The guest token has expired.';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'The guest token must be signed with HS256.';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'The signature of the guest token is not right.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The guest token’s claim ${error.claim} is missing or not right.`;
  return 'The guest token is not well formed.';
}
