import { signal, type Signal } from '@preact/signals';
import { sizeOf } from '../lib/text.js';
import { tell } from './toasts.js';

/** What stands in a field and is not sent, kept while another room is open. */
export interface Draft {
  readonly text: Signal<string>;
  readonly files: Signal<readonly File[]>;
  /** Files to go with it; what is too large is refused here, before anybody reads it. */
  attach(more: Iterable<File> | null | undefined): void;
}

/** the most the SDK takes by default */
export const mostFileBytes = 100 * 1024 * 1024;

export function createDraft(): Draft {
  const files = signal<readonly File[]>([]);
  return {
    text: signal(''),
    files,
    attach(more) {
      const come = [...(more ?? [])];
      for (const { name, size } of come.filter((file) => file.size > mostFileBytes))
        tell({
          kind: 'error',
          title: `${name} is too large`,
          text: `It has ${sizeOf(size)}; ${sizeOf(mostFileBytes)} is the most. Send a link, or parts of it.`,
        });
      files.value = [...files.peek(), ...come.filter(({ size }) => size <= mostFileBytes)];
    },
  };
}
