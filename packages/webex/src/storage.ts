import { memoryStorage, type Storage } from '@trunkline/core';

/** `webex.boundedStorage`, `webex.unboundedStorage`: by namespace and key. In memory, as there. */
export class WebexStorage {
  private readonly keys = new Set<string>();
  constructor(private readonly storage: Storage = memoryStorage()) {}
  /** @throws when there is nothing under it */
  async get(namespace: string, key: string): Promise<unknown> {
    const text = await this.storage.get(`${namespace}/${key}`);
    if (text === undefined) throw new NotFoundError(`nothing is stored under ${namespace}/${key}`);
    return JSON.parse(text) as unknown;
  }
  async put(namespace: string, key: string, value: unknown): Promise<unknown> {
    this.keys.add(`${namespace}/${key}`);
    await this.storage.set(`${namespace}/${key}`, JSON.stringify(value));
    return value;
  }
  async del(namespace: string, key: string): Promise<void> {
    this.keys.delete(`${namespace}/${key}`);
    await this.storage.remove(`${namespace}/${key}`);
  }
  async clear(): Promise<void> {
    for (const key of this.keys) await this.storage.remove(key);
    this.keys.clear();
  }
}
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}
