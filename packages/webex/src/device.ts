import { sdkError } from '@trunkline/core';
import type { WdmDevice } from '@trunkline/wire';
import { official } from './http-error.js';
import { withGet } from './feature.js';
import type { Link } from './link.js';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

// what a service may say of a device and of its organisation's rules. @source protocol/device-and-mercury.md §2.2
const fields = [
  ...['name', 'deviceType', 'model', 'localizedModel', 'systemName', 'systemVersion', 'orgId'],
  ...['creationTime', 'modificationTime', 'searchEncryptionKeyUrl', 'intranetInactivityCheckUrl'],
  ...[
    'intranetInactivityDuration',
    'inNetworkInactivityDuration',
    'clientMessagingGiphy',
    'clientMessagingLinkPreview',
  ],
  ...[
    'customerCompanyName',
    'customerLogoUrl',
    'helpUrl',
    'ecmEnabledForAllUsers',
    'ecmSupportedStorageProviders',
  ],
  ...[
    'navigationBarColor',
    'partnerCompanyName',
    'partnerLogoUrl',
    'peopleInsightsEnabled',
    'reportingSiteDesc',
  ],
  ...['reportingSiteUrl', 'showSupportText', 'supportProviderCompanyName', 'supportProviderLogoUrl'],
  ...[
    'webFileShareControl',
    'whiteboardFileShareControl',
    'callingBehavior',
    'clientSecurityPolicy',
    'version',
  ],
];

/** `webex.internal.device`: mirrors the device of the client below. */
export class Device extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'Device',
    props: {
      url: 'string',
      webSocketUrl: 'string',
      userId: 'string',
      features: 'any',
      ...Object.fromEntries(fields.map((name) => [name, 'any'])),
    },
    derived: {
      registered: {
        deps: ['url'],
        fn(this: Device) {
          return this.url !== undefined;
        },
      },
    },
  };
  declare readonly url: string | undefined;
  declare readonly webSocketUrl: string | undefined;
  declare readonly userId: string | undefined;
  declare readonly orgId: string | undefined;
  /** How calls are made, as the service says it; undefined where it says nothing, as the service of this project. */
  declare readonly callingBehavior: string | undefined;
  /** Of the device at the service; undefined where it says nothing. */
  declare readonly version: string | undefined;
  declare readonly features: WdmDevice['features'] | undefined;
  declare readonly registered: boolean;

  override initialize(): void {
    this.webex.linkage.attach((link) => {
      const off = link.client.socket.on('state', () => {
        this.mirror(link);
      });
      return () => {
        off();
        this.show(undefined);
      };
    });
  }
  /** Registers it; no socket is opened. One that is registered is refreshed. */
  async register(): Promise<void> {
    const link = this.webex.linkage.get();
    await official(link.client.register());
    this.mirror(link);
    this.trigger('registration:success');
  }
  refresh(): Promise<void> {
    return this.register();
  }
  /** Closes the socket and removes the device. */
  async unregister(): Promise<void> {
    if (!this.webex.linkage.exists) return;
    const link = this.webex.linkage.get();
    await official(link.client.unregister());
    this.mirror(link);
  }
  /** Resolves when someone is signed in. */
  canRegister(): Promise<void> {
    if (this.webex.canAuthorize) return Promise.resolve();
    return Promise.reject(sdkError('ERR_AUTH_EXPIRED', 'no one is signed in: no device can be registered'));
  }
  readonly deleteDevices = refuses('device.deleteDevices()', 'unregister() removes the own one');
  readonly meetingStarted = refuses('device.meetingStarted()');
  readonly meetingEnded = refuses('device.meetingEnded()');
  readonly setEnergyForecastConfig = refuses('device.setEnergyForecastConfig()');
  readonly checkNetworkReachability = refuses('device.checkNetworkReachability()');
  readonly processRegistrationSuccess = refuses('device.processRegistrationSuccess()');
  readonly setLogoutTimer = refuses(
    'device.setLogoutTimer()',
    'call webex.logout() when you find it is time',
  );
  readonly resetLogoutTimer = refuses('device.resetLogoutTimer()');
  readonly markUrlFailedAndGetNew = refuses(
    'device.markUrlFailedAndGetNew()',
    'hosts are changed by themselves',
  );
  /** The socket's address, once there is a device. */
  async getWebSocketUrl(wait = false): Promise<string> {
    if (wait) await this.waitForRegistration();
    if (this.webSocketUrl === undefined)
      throw sdkError('ERR_SOCKET_REFUSED', 'the device is not registered: call device.register() first');
    return this.webSocketUrl;
  }
  /** Resolves when it is registered. @param timeoutS seconds */
  waitForRegistration(timeoutS = 10): Promise<void> {
    if (this.registered) return Promise.resolve();
    const { clock } = this.webex.linkage.get().host;
    return new Promise((resolve, reject) => {
      const heard = (): void => {
        if (!this.registered) return;
        stop();
        this.off('change:registered', heard);
        resolve();
      };
      const stop = clock.after(timeoutS * 1000, () => {
        this.off('change:registered', heard);
        reject(
          sdkError('ERR_TIMEOUT', `the device was not registered within ${String(timeoutS)} s`, {
            retryable: true,
          }),
        );
      });
      this.on('change:registered', heard);
    });
  }
  private mirror({ client }: Link): void {
    this.show(client.device);
  }
  private show(device: WdmDevice | undefined): void {
    const lists =
      device && Object.entries(device.features).map(([name, list]) => [name, withGet(list)] as const);
    const known: Readonly<Record<string, unknown>> = {
      ...device,
      ...(lists && { features: Object.fromEntries(lists) }),
    };
    this.set(
      Object.fromEntries(
        ['url', 'webSocketUrl', 'userId', 'features', ...fields].map((name) => [name, known[name]]),
      ),
    );
  }
}
