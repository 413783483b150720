import { parseArgs } from 'node:util';
import { ConfigError, type ServerOptions } from './config.js';
import { startServer, type RunningServer } from './server.js';

const help = `trunkline-server: the Trunkline service, everything on one port

  --host ADDRESS            where to listen (127.0.0.1)
  --port N                  0 picks a free one (8080)
  --tls-port N              a second port with TLS; 0 picks a free one
  --tls-cert F --tls-key F  its certificate and key, PEM (default: made in the data folder)
  --public-url URL          what absolute URLs begin with (default: as the client asked)
  --media-address IP        where media is reachable (this version has no media yet)
  --data DIR|memory         where everything is kept (./trunkline-data)
  --master-key FILE         32 bytes that wrap all keys (DIR/master.key; or TRUNKLINE_MASTER_KEY, base64)
  --seed demo|FILE|none     who is there from the start (none)
  --retention-hours N       how long unacknowledged events are kept (24)
  --allow-private-targets   webhooks and file URLs may go to private addresses; on loopback only
  --log-level LEVEL         trace, debug, info, warn, error, silent (warn); logs go to stderr
  --json                    the first line on stdout is JSON: url, tlsUrl, tlsCaFile, adminToken, orgId
  --help
`;

const known = {
  host: { type: 'string' },
  port: { type: 'string' },
  'tls-port': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'public-url': { type: 'string' },
  'media-address': { type: 'string' },
  data: { type: 'string' },
  'master-key': { type: 'string' },
  seed: { type: 'string' },
  'retention-hours': { type: 'string' },
  'allow-private-targets': { type: 'boolean' },
  'log-level': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

interface CommandLine {
  readonly options: ServerOptions;
  readonly json: boolean;
  readonly help: boolean;
}

function number(name: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text))
    throw new ConfigError(`${name} must be a number, not ${JSON.stringify(text)}`);
  return Number(text);
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
    allowPrivateTargets: values['allow-private-targets'],
  };
  return {
    options: Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined)),
    json: values.json ?? false,
    help: values.help ?? false,
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

function banner(server: RunningServer, options: ServerOptions): string {
  const lines = [
    `Trunkline listens on ${server.url}`,
    ...(server.tlsUrl === undefined ? [] : [`             and on ${server.tlsUrl}`]),
    ...(server.tlsCaFile === undefined ? [] : [`  authority    ${server.tlsCaFile}`]),
    `  data         ${options.data ?? 'memory'}`,
    `  organisation ${server.orgId}`,
    `  admin token  ${server.adminToken}`,
    ...(options.seed === 'demo'
      ? ['  people       ana@example.com, ben@example.com, … (password on loopback: demo)']
      : []),
    'Ctrl-C stops it.',
  ];
  return lines.join('\n');
}

/**
 * The command `trunkline-server`. Resolves when the service listens; it then runs until SIGINT or SIGTERM, and a second
 * signal ends it at once. Exit code 2: an option is wrong; 1: it could not start.
 */
export async function main(args: readonly string[]): Promise<void> {
  let server: RunningServer;
  let commandLine: CommandLine;
  try {
    commandLine = parseCommandLine(args);
    if (commandLine.help) {
      process.stdout.write(help);
      return;
    }
    server = await startServer(commandLine.options);
  } catch (error) {
    const usage = error instanceof ConfigError;
    const text = error instanceof Error ? error.message : String(error);
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
  // last: whoever reads this line may send a signal at once
  process.stdout.write(`${commandLine.json ? line(server) : banner(server, commandLine.options)}\n`);
}
