import { startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { Webex, type WebexConfig } from '@trunkline/webex';
import { signIn } from '../../webex/tools.js';

/** What the probes of the page share: one service, two people, and what the first of them has made. */
export interface Context {
  readonly cloud: Cloud;
  readonly ana: Webex;
  readonly ben: Webex;
  readonly anaPerson: CloudPerson;
  readonly benPerson: CloudPerson;
  readonly client: { readonly client_id: string; readonly client_secret: string };
  /** A Webex with further configuration, closed at the end. `undefined`: no one is signed in. */
  readonly someone: (who: CloudPerson | undefined, config?: WebexConfig) => Promise<Webex>;
  close(): Promise<void>;
}

/** Calls one member with small arguments and asserts the result. */
export type Probe = (context: Context) => unknown;
/** By member. They run in this order, each after the one before. */
export type Probes = Readonly<Record<string, Probe>>;

export const redirect_uri = 'http://127.0.0.1/back';

export async function makeContext(): Promise<Context> {
  const cloud = await startCloud();
  const client = { client_id: 'desk', client_secret: 'a-long-and-random-secret' };
  await cloud.admin('POST', 'clients', {
    clientId: client.client_id,
    clientSecret: client.client_secret,
    redirectUris: [redirect_uri],
    scopes: 'spark:all spark:kms webexsquare:admin',
  });
  const [anaPerson, benPerson] = [await cloud.person('ana'), await cloud.person('ben')];
  const open: Webex[] = [];
  const someone: Context['someone'] = async (who, config = {}) => {
    const webex =
      who === undefined
        ? Webex.init({ config: { logger: { level: 'silent' }, service: cloud.url, ...config } })
        : await signIn(cloud, who, config);
    if (!webex.ready) await webex.when('ready');
    open.push(webex);
    return webex;
  };
  const credentials = { ...client, redirect_uri, scope: 'spark:all spark:kms' };
  const [ana, ben] = [await someone(anaPerson, { credentials }), await someone(benPerson, { credentials })];
  return {
    ...{ cloud, ana, ben, anaPerson, benPerson, client, someone },
    close: async () => {
      await Promise.all(open.map((webex) => webex.close()));
      await cloud.close();
    },
  };
}
