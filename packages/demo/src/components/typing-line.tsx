import { useApp } from '../session/app-context.js';

/** Who writes now; keeps its line while no one does, so that nothing jumps. */
export function TypingLine({ roomId }: { readonly roomId: string }) {
  const names = useApp().typing.in(roomId);
  return (
    <div class="typing-line quiet" aria-live="polite" data-testid="typing">
      {names.length > 0 && (
        <>
          <TypingDots />
          {names.length > 2
            ? 'Several people are typing…'
            : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`}
        </>
      )}
    </div>
  );
}

export const TypingDots = () => (
  <span class="typing-dots" aria-hidden="true">
    <i />
    <i />
    <i />
  </span>
);
