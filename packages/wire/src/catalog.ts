/** Names of services that messaging uses; a catalog may hold others. @source protocol/identity-and-services.md §4.4 */
export type ServiceName =
  | 'conversation'
  | 'encryption'
  | 'feature'
  | 'files'
  | 'hydra'
  | 'identity'
  | 'identityLookup'
  | 'idbroker'
  | 'metrics'
  | 'oauth-helper'
  | 'u2c'
  | 'wdm'
  | (string & {});

/** One host that can stand in for the host it is listed under. A negative priority is switched off. */
export interface CatalogHost {
  readonly host: string;
  readonly ttl: number;
  readonly priority: number;
  /** `urn:TEAM:CLUSTER:SERVICE` */
  readonly id: string;
}

/** `format=hostmap`. @source protocol/identity-and-services.md §4.2 */
export interface HostMapCatalog {
  readonly serviceLinks: Readonly<Record<ServiceName, string>>;
  readonly hostCatalog: Readonly<Record<string, readonly CatalogHost[]>>;
}
