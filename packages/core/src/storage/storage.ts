/** Where a client may keep things between runs: keys, device, tokens. Values are text. */
export interface Storage {
  /** Returns the value of a key, or `undefined`. */
  get(key: string): Promise<string | undefined>;
  /** Stores a value, replacing an older one. */
  set(key: string, value: string): Promise<void>;
  /** Removes a key; a missing key is not an error. */
  remove(key: string): Promise<void>;
}
