/** One feature toggle. @source protocol/device-and-mercury.md §3 */
export interface Feature {
  readonly key: string;
  readonly val: string;
  readonly type?: string;
  readonly mutable?: boolean;
  readonly lastModified?: string;
}

/** A registered device, as WDM answers it. @source protocol/device-and-mercury.md §2.2 */
export interface WdmDevice {
  /** identity of the device: refresh, removal, `cisco-device-url`, KMS client id */
  readonly url: string;
  readonly webSocketUrl: string;
  /** uuid */
  readonly userId: string;
  readonly orgId?: string;
  readonly features: {
    readonly developer: readonly Feature[];
    readonly entitlement: readonly Feature[];
    readonly user: readonly Feature[];
  };
  readonly deviceType?: string;
  readonly name?: string;
  readonly model?: string;
  readonly localizedModel?: string;
  readonly systemName?: string;
  readonly systemVersion?: string;
  /** ISO 8601 */
  readonly creationTime?: string;
  /** ISO 8601 */
  readonly modificationTime?: string;
}

/** What a client says of itself when it registers. @source protocol/device-and-mercury.md §2.1 */
export interface WdmRegistration {
  readonly name: string;
  readonly deviceType: 'WEB' | 'PROVISIONAL' | (string & {});
  readonly model: string;
  readonly localizedModel: string;
  readonly systemName: string;
  readonly systemVersion: string;
  /** seconds; an ephemeral device goes away when it is not refreshed within them */
  readonly ttl?: number;
}

/** The one message of a failed registration that means "remove an old one and try again". */
export const EXCESSIVE_DEVICES = 'User has excessive device registrations';
