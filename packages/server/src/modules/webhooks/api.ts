export interface Webhooks {
  /** How many deliveries wait. */
  waiting(): number;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly webhooks: Webhooks;
  }
}
