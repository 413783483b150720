import type { WebexConfig } from './config.js';
import { sdkError } from '@trunkline/core';
import { Webex } from './webex.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The configuration that environment variables make: `HYDRA_SERVICE_URL`, `U2C_SERVICE_URL`, `IDBROKER_BASE_URL`,
 * `IDENTITY_BASE_URL`, `WEBEX_AUTHORIZATION_STRING`, `WEBEX_CLIENT_ID`, `WEBEX_CLIENT_SECRET`, `WEBEX_REDIRECT_URI`, `WEBEX_SCOPE`, `WEBEX_LOG_LEVEL`.
 *
 * @source protocol/identity-and-services.md §1
 */
export function configFrom(env: Env): WebexConfig {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => env[name]).find(Boolean);
  const given = (values: Readonly<Record<string, unknown>>): Record<string, never> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<
      string,
      never
    >;
  const url = (name: string): object | undefined => (env[name] ? { url: env[name] } : undefined);
  return {
    services: { discovery: given({ hydra: env['HYDRA_SERVICE_URL'], u2c: env['U2C_SERVICE_URL'] }) },
    credentials: given({
      authorizationString: first('WEBEX_AUTHORIZATION_STRING', 'AUTHORIZATION_STRING'),
      client_id: first('WEBEX_CLIENT_ID', 'COMMON_IDENTITY_CLIENT_ID', 'CLIENT_ID'),
      client_secret: first('WEBEX_CLIENT_SECRET', 'COMMON_IDENTITY_CLIENT_SECRET', 'CLIENT_SECRET'),
      redirect_uri: first('WEBEX_REDIRECT_URI', 'COMMON_IDENTITY_REDIRECT_URI', 'REDIRECT_URI'),
      scope: first('WEBEX_SCOPE', 'WEBEX_SCOPES', 'COMMON_IDENTITY_SCOPE', 'SCOPE'),
      idbroker: url('IDBROKER_BASE_URL'),
      identity: url('IDENTITY_BASE_URL'),
    }),
    ...(env['WEBEX_LOG_LEVEL'] !== undefined && { logger: { level: env['WEBEX_LOG_LEVEL'] } }),
  };
}

/** A Webex with the token of `WEBEX_ACCESS_TOKEN`. @throws {SdkError} `ERR_CONFIG` without one */
export function fromEnv(env: Env): Webex {
  const access_token = env['WEBEX_ACCESS_TOKEN'];
  if (!access_token)
    throw sdkError('ERR_CONFIG', 'WEBEX_ACCESS_TOKEN is not set; put an access token into the environment');
  return Webex.init({ credentials: { access_token }, config: configFrom(env) });
}
