import { isSdkError } from '@trunkline/core';

/** What callers without types may pass by mistake. Made for each call, so that none is shared. */
export const junk: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  zero: () => 0,
  NaN: () => Number.NaN,
  'empty text': () => '',
  'empty object': () => ({}),
  'empty array': () => [],
  'array of null': () => [null],
  Date: () => new Date(0),
  'invalid Date': () => new Date(Number.NaN),
  symbol: () => Symbol('junk'),
  function: () => () => undefined,
  BigInt: () => 1n,
  'lone surrogate': () => 'a\ud800b',
  'object with a getter that throws': () =>
    Object.defineProperty({}, 'id', {
      enumerable: true,
      get: () => {
        throw new Error('this getter throws');
      },
    }),
  'cyclic object': () => {
    const cycle: Record<string, unknown> = {};
    return Object.assign(cycle, { id: cycle, roomId: cycle, text: cycle, self: cycle });
  },
  'very long text': () => 'x'.repeat(100_000),
};

/** A call with one argument, or one field of an argument, replaced by junk. */
export interface JunkCall {
  readonly where: string;
  readonly given: readonly unknown[];
}
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const replaced = (values: readonly unknown[], at: number, value: unknown): readonly unknown[] =>
  values.map((old, index) => (index === at ? value : old));

export function junkCalls(valid: readonly unknown[]): readonly JunkCall[] {
  const calls: JunkCall[] = [];
  for (const [kind, make] of Object.entries(junk))
    for (const [at, argument] of valid.entries()) {
      calls.push({ where: `argument ${String(at)}: ${kind}`, given: replaced(valid, at, make()) });
      if (isPlain(argument))
        for (const field of Object.keys(argument)) {
          const given = replaced(valid, at, { ...argument, [field]: make() });
          calls.push({ where: `argument ${String(at)}.${field}: ${kind}`, given });
        }
    }
  return calls;
}

/** Milliseconds one call may take. */
const limitMs = 10_000;

async function settle(work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not settled after ${String(limitMs)} ms`));
    }, limitMs);
  });
  try {
    await Promise.race([consume(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
/** Lists are read, files dropped, listeners removed. */
async function consume(work: unknown): Promise<void> {
  const result = (await work) as { page?: unknown; cancel?: unknown; close?: unknown } | undefined | null;
  if (typeof result === 'function') (result as () => void)();
  else if (typeof result !== 'object' || result === null) return;
  else if (typeof result.page === 'function') await (result as { page(): Promise<unknown> }).page();
  else if (typeof result.cancel === 'function') (result as { cancel(): void }).cancel();
  else if (typeof result.close === 'function') (result as { close(): void }).close();
}

/** What is wrong with the error of a call; undefined when nothing is. */
function faultOf(error: unknown, method: string, where: string): string | undefined {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (!isSdkError(error) || typeof code !== 'string' || !code.startsWith('ERR_'))
    return error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 4).join(' | ') : typeof error;
  // what the request or the service finds inside an object names the field
  const isWhole = /: (undefined|null|zero|symbol|function)$/.test(where) && where.startsWith('argument 0:');
  if (
    isWhole &&
    code === 'ERR_ARGUMENT' &&
    ![method, method.split('.').pop() ?? ''].some((name) => message?.includes(name))
  )
    return `the message does not name ${method}: ${String(message).slice(0, 200)}`;
  return undefined;
}

export interface Method {
  /** as errors name it, such as `rooms.create` */
  readonly name: string;
  readonly call: (...given: readonly unknown[]) => unknown;
  /** throws instead of rejecting */
  readonly sync: boolean;
}

/** Calls a method with each kind of junk in each place; resolves with what went wrong. */
export async function tryJunk({ name, call, sync }: Method, valid: readonly unknown[]): Promise<string[]> {
  const faults: string[] = [];
  await Promise.all(
    junkCalls(valid).map(async ({ where, given }) => {
      const report = (fault: string | undefined): void => {
        if (fault !== undefined) faults.push(`${name}, ${where}: ${fault}`);
      };
      let work: unknown;
      try {
        work = call(...given);
      } catch (error) {
        report(sync ? faultOf(error, name, where) : `throws instead of rejecting: ${String(error)}`);
        return;
      }
      try {
        await settle(work);
      } catch (error) {
        report(faultOf(error, name, where));
      }
    }),
  );
  return faults;
}
