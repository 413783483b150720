import { signal } from '@preact/signals';
import { explain } from '../lib/explain.js';

export interface Toast {
  readonly id: number;
  readonly kind: 'error' | 'info';
  readonly title: string;
  readonly text?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
const stayMs = { error: 12_000, info: 5_000 };
let lastId = 0;

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function tell(toast: Omit<Toast, 'id'>): void {
  const id = (lastId += 1);
  const alike = ({ title, text }: Toast): boolean => title === toast.title && text === toast.text;
  toasts.value = [...toasts.value.filter((shown) => !alike(shown)).slice(-3), { ...toast, id }];
  setTimeout(() => {
    dismiss(id);
  }, stayMs[toast.kind]);
}

/** Says what did not work, and what to do. @param what such as "The room was not made" */
export function tellError(what: string, error: unknown, action?: Toast['action']): void {
  if (error instanceof DOMException && error.name === 'AbortError') return; // someone wanted it so
  tell({ kind: 'error', title: what, text: explain(error), ...(action && { action }) });
}

/** Runs what a click began; a failure becomes a toast. */
export const attempt = (what: string, run: () => Promise<unknown>): void => {
  run().catch((error: unknown) => {
    tellError(what, error);
  });
};
