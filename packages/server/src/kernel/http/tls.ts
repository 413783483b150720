import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { type Config, ConfigError } from '../config.js';

export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** what a client must trust; undefined when the certificate was given */
  readonly caFile: string | undefined;
  close(): void;
}

const dayMs = 86_400_000;

function namesOf(config: Config): string[] {
  const publicHost =
    config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, '')];
  const bound = ['0.0.0.0', '::'].includes(config.host) ? [] : [config.host];
  return [...new Set(['127.0.0.1', 'localhost', '::1', ...bound, ...publicHost])];
}

function readGiven(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${option}: ${file} cannot be read`, { cause });
  }
}

// good for these names, and for another month
function fits(certFile: string, names: readonly string[], nowMs: number): boolean {
  if (!existsSync(certFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile));
  return (
    Date.parse(certificate.validTo) - nowMs > 30 * dayMs &&
    names.every(
      (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
    )
  );
}

/**
 * The second port's certificate: given, or made here under an authority of our own. Authority and certificate stay in the
 * data folder, so that clients that trust the authority keep doing so.
 */
export async function prepareTls(config: Config, nowMs: number): Promise<Tls> {
  const { tlsCertFile, tlsKeyFile } = config;
  if (tlsCertFile !== undefined && tlsKeyFile !== undefined)
    return {
      cert: readGiven(tlsCertFile, 'tls-cert'),
      key: readGiven(tlsKeyFile, 'tls-key'),
      caFile: undefined,
      close: () => undefined,
    };

  const temporary = config.data === 'memory';
  const folder = temporary
    ? mkdtempSync(path.join(tmpdir(), 'trunkline-tls-'))
    : path.join(config.data, 'tls');
  const remove = (): void => {
    if (temporary) rmSync(folder, { recursive: true, force: true });
  };
  if (temporary) process.once('exit', remove);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => path.join(folder, name);
  const write = (name: string, text: string): void => {
    writeFileSync(file(name), text, { mode: 0o600 });
  };
  const read = (name: string): string => readFileSync(file(name), 'utf8');

  if (!fits(file('ca.pem'), [], nowMs)) {
    const ca = await generate([{ name: 'commonName', value: 'Trunkline local authority' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(nowMs + 3650 * dayMs),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    write('ca.key', ca.private);
    write('ca.pem', ca.cert);
    rmSync(file('server.pem'), { force: true });
  }
  const names = namesOf(config);
  if (!fits(file('server.pem'), names, nowMs)) {
    const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(nowMs + 800 * dayMs),
      ca: { key: read('ca.key'), cert: read('ca.pem') },
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: names.map((name) =>
            isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
          ),
        },
      ],
    });
    write('server.key', leaf.private);
    write('server.pem', leaf.cert);
  }
  return {
    cert: `${read('server.pem')}\n${read('ca.pem')}`,
    key: read('server.key'),
    caFile: file('ca.pem'),
    close: () => {
      process.off('exit', remove);
      remove();
    },
  };
}
