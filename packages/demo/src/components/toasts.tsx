import { useEffect, useRef } from 'preact/hooks';
import { dismiss, toasts } from '../stores/toasts.js';
import { Icon, IconButton } from './icon.js';

export function Toasts() {
  const place = useRef<HTMLDivElement>(null);
  const newest = toasts.value.at(-1)?.id;
  useEffect(() => {
    // shown again, it lies over a sheet that was opened meanwhile
    place.current?.hidePopover();
    if (newest !== undefined) place.current?.showPopover();
  }, [newest]);
  return (
    <div ref={place} popover="manual" class="toasts" role="region" aria-label="Messages of the app">
      {toasts.value.map(({ id, kind, title, text, action }) => (
        <div key={id} class={`toast ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
          <Icon name={kind === 'error' ? 'warn' : 'check'} />
          <div class="toast-words">
            <strong>{title}</strong>
            {text !== undefined && <span>{text}</span>}
          </div>
          {action && (
            <button
              class="button small"
              type="button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton
            icon="close"
            label="Dismiss"
            onClick={() => {
              dismiss(id);
            }}
          />
        </div>
      ))}
    </div>
  );
}
