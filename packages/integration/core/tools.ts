import { isSdkError, type SdkError } from '@trunkline/core';
import type { CloudPerson } from '@trunkline/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** The error of the SDK that this work ends with. */
export async function failure(work: Promise<unknown>): Promise<SdkError> {
  try {
    await work;
  } catch (error) {
    if (isSdkError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A fetch that remembers what left: `GET /v1/people/me`. */
export function countedFetch(): { readonly fetch: typeof fetch; readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      sent.push(`${init?.method ?? 'GET'} ${new URL(url).pathname}`);
      return fetch(input, init);
    },
  };
}

/** The URLs of the devices that the service knows of this person. */
export async function devicesOf(url: string, { accessToken }: Pick<CloudPerson, 'accessToken'>) {
  const response = await fetch(`${url}/wdm/api/v1/devices`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  if (!response.ok) throw new Error(`the list of devices: ${String(response.status)}`);
  return ((await response.json()) as { devices: { url: string }[] }).devices.map((device) => device.url);
}

/** What a program of its own said and ended with; `undefined` when it had to be ended. */
export async function runProgram(
  source: string,
  type: 'module' | 'commonjs',
  env: Readonly<Record<string, string>>,
  withinMs = 15_000,
): Promise<{ readonly code: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(
    process.execPath,
    ['--unhandled-rejections=strict', `--input-type=${type}`, '--eval', source],
    { cwd: path.resolve(import.meta.dirname, '..'), env: { PATH: process.env['PATH'], ...env } },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code: code ?? undefined, stdout, stderr };
}
