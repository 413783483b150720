// What a token may do: which scope each route asks for, and what each is called on the consent page.

export const defaultScope = 'spark:all spark:kms';

/** Sorted, single spaces: the order in which a client writes its scopes means nothing. */
export const sortScope = (scope: string): string =>
  [...new Set(scope.split(/\s+/).filter((part) => part !== ''))].sort().join(' ');

/** `spark:all` covers every scope of messaging but the right to keys. */
export const allows = (scopes: ReadonlySet<string>, wanted: string): boolean =>
  scopes.has(wanted) || (wanted.startsWith('spark:') && wanted !== 'spark:kms' && scopes.has('spark:all'));

/** Whether every scope of `wanted` is covered by `scope`. */
export function covers(scope: string, wanted: string): boolean {
  const has = new Set(scope.split(' '));
  return wanted.split(' ').every((part) => allows(has, part));
}

// the public REST calls, whose scopes say what is read and what is written
const rest = /^\/v1\/(rooms|messages|memberships|people)(?:\/|$)/;
// open to every token: which services there are, and what a client reports of itself. Key messages carry a token of
// their own inside, which the key service asks for spark:kms
const open = /^\/(?:u2c|metrics|encryption|client-logs)\//;

/** The scope that a route asks for when it names none itself; undefined: any good token will do. */
export function scopeOfRoute(method: string, url: string): string | undefined {
  if (open.test(url)) return undefined;
  if (/^\/v1\/contents\//.test(url)) return 'spark:messages_read';
  const noun = rest.exec(url)?.[1];
  if (noun === undefined) return 'spark:all';
  return `spark:${noun}_${method === 'GET' || method === 'HEAD' ? 'read' : 'write'}`;
}

const words: Readonly<Record<string, string>> = {
  'spark:all': 'Use messaging as you: read and write in your spaces, see people, join and leave',
  'spark:kms': 'Use your encryption keys, to read and write protected content',
  'spark:people_read': 'See the people you can find, and your own profile',
  'spark:rooms_read': 'See your spaces',
  'spark:rooms_write': 'Create, change and delete spaces as you',
  'spark:memberships_read': 'See who is in your spaces',
  'spark:memberships_write': 'Add people to your spaces and remove them, as you',
  'spark:teams_read': 'See your teams',
  'spark:teams_write': 'Create, change and delete teams as you',
  'spark:team_memberships_read': 'See who is in your teams',
  'spark:team_memberships_write': 'Add people to your teams and remove them, as you',
  'spark:messages_read': 'Read the messages and files in your spaces',
  'spark:messages_write': 'Write, change and delete messages as you',
};

/** A scope in words; one without words keeps its name, so that nothing is asked for in silence. */
export const describeScope = (scope: string): string => words[scope] ?? `Use the right named ${scope}`;
