import { type Config, ConfigError } from '../config.js';
import type { Store } from '../store/index.js';
import { loadMasterKey, masterKeyId, masterKeyName, type NeededKey } from './master-key.js';
import { createVault, type Vault } from './vault.js';

/** Name of the oldest secret in the database: shows that it is not new, and whether a key opens it. */
export const oldestSecret = 'kms.static';

/**
 * The vault of this database.
 *
 * @throws ConfigError when the master key is missing or is not the one the database needs
 */
export async function openVault(config: Config, store: Store): Promise<Vault> {
  const rows = await store.db
    .selectFrom('meta')
    .select(['key', 'value'])
    .where('key', 'in', [masterKeyName, oldestSecret])
    .execute();
  const valueOf = (name: string): string | undefined => rows.find(({ key }) => key === name)?.value;
  const needed: NeededKey | undefined = rows.length === 0 ? undefined : { id: valueOf(masterKeyName) };
  const masterKey = loadMasterKey(config, needed);
  const vault = createVault(masterKey);
  const wrapped = valueOf(oldestSecret);
  if (wrapped !== undefined)
    try {
      vault.unwrap(oldestSecret, Buffer.from(wrapped, 'base64'));
    } catch (cause) {
      throw new ConfigError(
        'master-key: this key does not open the database. Pass the one it was made with',
        { cause },
      );
    }
  // kept so that `restore` and a start with another key can say which one is needed
  await store.write(({ tx }) =>
    tx
      .insertInto('meta')
      .values({ key: masterKeyName, value: masterKeyId(masterKey) })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
  return vault;
}
