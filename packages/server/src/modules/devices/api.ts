export interface Devices {
  /** Those of these ids that are registered, by this person where one is named. */
  existing(ids: readonly string[], userId?: string): Promise<ReadonlySet<string>>;
  /** Called after a device was removed, by its owner or because its time was over. */
  onRemoved(listener: (id: string) => Promise<void>): void;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly devices: Devices;
  }
}
