import path from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, limitNames, type ServerOptions } from './kernel/config.js';
import { newestOf } from './kernel/store/index.js';
import { migrations } from './modules.js';
import { backUp, restore } from './ops/backup/index.js';
import { type RunningServer, startServer } from './server.js';
import { VERSION } from './version.js';

const help = `trunkline-server: the Trunkline service, everything on one port

  --host ADDRESS            where to listen (127.0.0.1)
  --port N                  0 picks a free one (8080)
  --tls-port N              a second port with TLS; 0 picks a free one
  --no-http                 only the TLS port, no clear one
  --tls-cert F --tls-key F  its certificate and key, PEM (default: made in the data folder)
  --public-url URL          what absolute URLs begin with (default: as the client asked)
  --trusted-proxy ADDRESS   a proxy whose X-Forwarded-For and -Proto are believed: address, network
                            (10.0.0.0/8) or loopback; again for each (none)
  --media-address IP        where clients reach sound and picture; again for each (the host)
  --media-port N            its UDP port; 0 picks a free one (0)
  --data DIR|memory         where everything is kept (./trunkline-data)
  --master-key FILE         32 bytes that wrap all keys: openssl rand -base64 32 > FILE
                            (DIR/master.key, created at the first start; or TRUNKLINE_MASTER_KEY, base64)
  --seed demo|FILE|none     people that exist from the start (none)
  --retention-hours N       how long unacknowledged events are kept (24)
  --allow-private-targets   webhooks and file URLs may go to private addresses; on loopback only
  --log-level LEVEL         trace, debug, info, warn, error, silent (warn); logs go to stderr
  --limit NAME=N            another limit than the default; again for each. Names:
                            LIMITS
  --json                    the first line on stdout is JSON: url, tlsUrl, tlsCaFile, adminToken, orgId
  --version                 prints the version
  --help

trunkline-server backup --data DIR --to FILE.tar       everything but the master key, while the service runs
trunkline-server restore --from FILE.tar --data DIR    into a new folder; start it with the same master key

Environment: TRUNKLINE_MASTER_KEY (base64 of 32 bytes), TRUNKLINE_METRICS_TOKEN (opens GET /metrics)
`.replace('LIMITS', limitNames.join(', ').replace(/(.{40,70}?,) /g, '$1\n                            '));

const known = {
  host: { type: 'string' },
  port: { type: 'string' },
  'tls-port': { type: 'string' },
  'no-http': { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'public-url': { type: 'string' },
  'trusted-proxy': { type: 'string', multiple: true },
  'media-address': { type: 'string', multiple: true },
  'media-port': { type: 'string' },
  data: { type: 'string' },
  'master-key': { type: 'string' },
  seed: { type: 'string' },
  'retention-hours': { type: 'string' },
  'allow-private-targets': { type: 'boolean' },
  'log-level': { type: 'string' },
  limit: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

interface CommandLine {
  readonly options: ServerOptions;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

function number(name: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text))
    throw new ConfigError(`${name} must be a number, not ${JSON.stringify(text)}`);
  return Number(text);
}

function limitsIn(given: readonly string[] | undefined): Record<string, number> | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const [name = '', value = ''] = text.split('=');
      return [name, number(`limit ${name}`, value)];
    }),
  );
}

/** @throws ConfigError for an option that is unknown or malformed */
export function parseCommandLine(args: readonly string[]): CommandLine {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : 'the options cannot be read');
  }
  const text = {
    host: values.host,
    tlsCertFile: values['tls-cert'],
    tlsKeyFile: values['tls-key'],
    publicUrl: values['public-url'],
    trustedProxies: values['trusted-proxy']?.flatMap((text) => text.split(',')).map((text) => text.trim()),
    data: values.data ?? 'trunkline-data',
    masterKeyFile: values['master-key'],
    seed: values.seed,
    logLevel: values['log-level'],
    port: values.port === undefined ? undefined : number('port', values.port),
    tlsPort: values['tls-port'] === undefined ? undefined : number('tls-port', values['tls-port']),
    retentionHours:
      values['retention-hours'] === undefined
        ? undefined
        : number('retention-hours', values['retention-hours']),
    limits: limitsIn(values.limit),
    allowPrivateTargets: values['allow-private-targets'],
    mediaAddresses: values['media-address'],
    mediaPort: values['media-port'] === undefined ? undefined : number('media-port', values['media-port']),
    http: values['no-http'] === true ? false : undefined,
  };
  return {
    options: Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined)),
    json: values.json ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

const line = (server: RunningServer): string =>
  JSON.stringify({
    event: 'listening',
    url: server.url,
    tlsUrl: server.tlsUrl ?? null,
    tlsCaFile: server.tlsCaFile ?? null,
    adminToken: server.adminToken,
    orgId: server.orgId,
  });

/** What is printed at the start, unless `--json`. */
export function banner(server: RunningServer, options: ServerOptions): string {
  const [first, second] = [server.localUrl, server.tlsUrl].filter((url) => url !== undefined);
  const lines = [
    `Trunkline ${VERSION} listens on ${first ?? ''}${second === undefined ? '' : ` and ${second}`}`,
    ...(options.publicUrl === undefined ? [] : [`  public URL   ${server.url} (clients must reach it)`]),
    ...(server.tlsCaFile === undefined ? [] : [`  authority    ${server.tlsCaFile}`]),
    `  data         ${options.data ?? 'memory'}`,
    `  organisation ${server.orgId}`,
    `  admin token  ${server.adminToken}`,
    ...(options.seed === 'demo'
      ? ['  people       ana@example.com, ben@example.com, … (password on loopback: demo)']
      : []),
    'Press Ctrl-C to stop.',
  ];
  return lines.join('\n');
}

const commands = { backup: ['data', 'to'], restore: ['from', 'data'] } as const;
const isCommand = (word: string | undefined): word is keyof typeof commands =>
  word !== undefined && Object.hasOwn(commands, word);

/** `backup` and `restore`: what they did, in words. */
async function runCommand(command: keyof typeof commands, args: readonly string[]): Promise<string> {
  const options = Object.fromEntries(commands[command].map((name) => [name, { type: 'string' as const }]));
  let values: Readonly<Record<string, string | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : 'the options cannot be read');
  }
  for (const name of commands[command])
    if (values[name] === undefined || values[name] === '')
      throw new ConfigError(`${command} needs --${commands[command].join(' and --')}`);
  const { data = '', to = '', from = '' } = values;
  if (data === 'memory') throw new ConfigError(`${command} needs a folder: what is in memory is not kept`);
  const keyOf = (id: string | null): string => (id === null ? '' : ` (its id is ${id})`);
  if (command === 'backup') {
    const { files, masterKeyId } = await backUp(data, to);
    return `${to} holds the database and ${String(Object.keys(files).length - 1)} files.
The master key${keyOf(masterKeyId)} is not in it, nor is the authority of the TLS port: keep a copy of the key
(DIR/master.key, --master-key or TRUNKLINE_MASTER_KEY) elsewhere. Without it no one can read the content again.`;
  }
  const { created, masterKeyId } = await restore(from, data, newestOf(migrations));
  return `${data} is as the service was at ${created}.
Start it with the master key of that service${keyOf(masterKeyId)}: as ${path.join(data, 'master.key')}, or by
--master-key or TRUNKLINE_MASTER_KEY. With another one it does not start.`;
}

function explained(error: unknown): string {
  const { code, port, message = String(error) } = error as Partial<NodeJS.ErrnoException & { port: number }>;
  return code === 'EADDRINUSE'
    ? `port ${String(port)} is in use. Give another one, or 0 for a free one, with --port or --tls-port.`
    : message;
}

/**
 * The command `trunkline-server`. Resolves when the service listens; it then runs until SIGINT or SIGTERM, and a second
 * signal ends it at once. Exit code 2: an option is wrong; 1: it could not start.
 */
export async function main(args: readonly string[]): Promise<void> {
  let server: RunningServer;
  let commandLine: CommandLine;
  try {
    const [word] = args;
    if (isCommand(word) && !args.includes('--help')) {
      process.stdout.write(`${await runCommand(word, args.slice(1))}\n`);
      return;
    }
    commandLine = parseCommandLine(isCommand(word) ? ['--help'] : args);
    if (commandLine.help) {
      process.stdout.write(help);
      return;
    }
    if (commandLine.version) {
      process.stdout.write(`${VERSION}\n`);
      return;
    }
    server = await startServer(commandLine.options);
  } catch (error) {
    const usage = error instanceof ConfigError;
    const text = explained(error);
    process.stderr.write(
      `trunkline-server: ${text}\n${usage ? 'trunkline-server --help lists the options.\n' : ''}`,
    );
    process.exitCode = usage ? 2 : 1;
    return;
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    server.close().catch((error: unknown) => {
      process.stderr.write(`trunkline-server: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // last: anyone who reads this line may send a signal at once
  process.stdout.write(`${commandLine.json ? line(server) : banner(server, commandLine.options)}\n`);
}
