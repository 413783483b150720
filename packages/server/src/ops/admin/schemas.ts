// What administration takes, checked before it is looked at; what is not named here is refused.
import { roles } from '../../modules/identity/api.js';

const text = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength }) as const;
const object = (properties: object, required: readonly string[]) =>
  ({ type: 'object', additionalProperties: false, properties, required }) as const;

export const userSchema = object(
  {
    email: { type: 'string', pattern: '^[^\\s@:]+@[^\\s@:]+$', maxLength: 254 },
    displayName: text(128),
    password: text(256),
    roles: { type: 'array', items: { enum: roles }, uniqueItems: true, maxItems: roles.length },
  },
  ['email', 'displayName'],
);
export const clientSchema = object(
  {
    clientId: { type: 'string', pattern: '^[\\w.-]{1,128}$' },
    clientSecret: text(256),
    redirectUris: { type: 'array', items: { type: 'string', format: 'uri', maxLength: 2000 }, maxItems: 50 },
    // as OAuth writes them, or a list
    scopes: { anyOf: [text(2000, 0), { type: 'array', items: text(200), maxItems: 100 }] },
    name: text(128),
  },
  ['clientId', 'redirectUris'],
);
export const roomDeviceSchema = object(
  { displayName: text(128), productName: text(64), pin: { type: 'string', pattern: '^\\d{4,8}$' } },
  ['displayName'],
);
export const guestIssuerSchema = object({ name: text(128) }, []);
export const tokenSchema = object(
  {
    userId: text(500),
    email: text(254),
    clientId: text(128),
    expiresIn: { type: 'integer', minimum: 1, maximum: 31_536_000 },
  },
  [],
);
export const revokeSchema = object({ accessToken: text(4096) }, ['accessToken']);
export const faultSchema = object(
  {
    kind: { enum: ['drop-sockets', 'refuse-sockets', 'status', 'delay', 'expire-tokens', 'pause-media'] },
    match: object({ path: text(2000), method: text(10), userId: text(500) }, []),
    status: { type: 'integer', minimum: 200, maximum: 599 },
    retryAfterS: { type: 'integer', minimum: 0, maximum: 86_400 },
    delayMs: { type: 'integer', minimum: 0, maximum: 600_000 },
    times: { type: 'integer', minimum: 1 },
    forMs: { type: 'integer', minimum: 1 },
  },
  ['kind'],
);
