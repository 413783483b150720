import type { Logger } from 'pino';

/** What is open, in the order it was opened. A failed start closes the same way as a running service does. */
export interface Lifecycle {
  /** Registers how to undo what was just opened or started. */
  push(name: string, close: () => unknown): void;
  /** Closes everything, newest first, also when a step throws. Calling it again returns the same promise. */
  close(): Promise<void>;
}

export function createLifecycle(log: Logger): Lifecycle {
  const steps: { readonly name: string; readonly close: () => unknown }[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let step = steps.pop(); step !== undefined; step = steps.pop())
      try {
        await step.close();
      } catch (error) {
        log.error({ err: error, step: step.name }, 'closing failed; the rest is closed all the same');
      }
  }

  return {
    push: (name, close) => {
      steps.push({ name, close });
    },
    close: () => (closing ??= closeAll()),
  };
}
