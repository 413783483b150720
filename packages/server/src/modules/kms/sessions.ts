import { createECDH, createPublicKey, hkdfSync, randomUUID } from 'node:crypto';
import { elapsedTime, removalTime } from '../../kernel/clock.js';
import { type Fields, text } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Store } from '../../kernel/store/index.js';
import type { Vault } from '../../kernel/vault/vault.js';

const lifeMs = 3_600_000;

/** A key agreed with one client of one person. @source protocol/kms-and-encryption.md §4 */
export interface Session {
  readonly uri: string;
  readonly key: Buffer;
  readonly userId: string;
  readonly clientId: string;
  readonly expiresMs: number;
}

/** Sessions survive a restart: they are kept, wrapped, and looked up by their URI. */
export function createSessions(
  store: Store,
  vault: Vault,
  host: string,
  clocks: Pick<Kernel, 'now' | 'steady'>,
) {
  const now = (): number => clocks.now();
  const cache = new Map<string, Session>();
  let nextSweepMs = 0;

  return {
    /** @throws when the client's key is not a point of P-256 */
    async agree(
      jwk: Fields,
      userId: string,
      clientId: string,
    ): Promise<{ session: Session; jwk: { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string } }> {
      const x = Buffer.from(text(jwk['x']) ?? '', 'base64url');
      const y = Buffer.from(text(jwk['y']) ?? '', 'base64url');
      if (jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256' || x.length !== 32 || y.length !== 32)
        throw new Error('the key to agree with must be of P-256');
      // throws unless the point is on the curve
      createPublicKey({
        key: { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') },
        format: 'jwk',
      });
      const own = createECDH('prime256v1');
      const point = own.generateKeys();
      const shared = own.computeSecret(Buffer.concat([Buffer.from([4]), x, y]));
      const key = Buffer.from(hkdfSync('sha256', shared, '', '', 32));
      const uri = `kms://${host}/ecdhe/${randomUUID()}`;
      const session: Session = { uri, key, userId, clientId, expiresMs: now() + lifeMs };
      const sweep = elapsedTime(clocks) >= nextSweepMs;
      if (sweep) nextSweepMs = elapsedTime(clocks) + lifeMs / 6;
      const removedBefore = removalTime(clocks);
      await store.write(async ({ tx }) => {
        if (sweep) await tx.deleteFrom('kms_sessions').where('expires_ms', '<', removedBefore).execute();
        await tx
          .insertInto('kms_sessions')
          .values({
            uri,
            wrapped: vault.wrap(uri, key),
            user_id: userId,
            client_id: clientId,
            expires_ms: session.expiresMs,
          })
          .execute();
      });
      if (sweep)
        for (const [known, { expiresMs }] of cache) if (expiresMs < removedBefore) cache.delete(known);
      cache.set(uri, session);
      const xy = {
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      };
      return { session, jwk: { kty: 'EC', crv: 'P-256', ...xy, kid: uri } };
    },
    /** Undefined when it is unknown or over. */
    async find(uri: string): Promise<Session | undefined> {
      let session = cache.get(uri);
      if (session === undefined) {
        const row = await store.db
          .selectFrom('kms_sessions')
          .selectAll()
          .where('uri', '=', uri)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        session = {
          uri,
          key: vault.unwrap(uri, row.wrapped),
          userId: row.user_id,
          clientId: row.client_id,
          expiresMs: row.expires_ms,
        };
        cache.set(uri, session);
      }
      return session.expiresMs > now() ? session : undefined;
    },
  };
}
