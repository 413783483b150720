import type { Message } from '@trunkline/messages';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { attempt } from '../stores/toasts.js';

/** A card of a message, and what people answered. The code that draws it comes with the first card. */
export function CardView({ message, content }: { readonly message: Message; readonly content: unknown }) {
  const { answers, names, me, chats } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading');
  const [sent, setSent] = useState(false);
  const { id, roomId, text } = message;
  useEffect(() => {
    let gone = false;
    const draw = async (): Promise<void> => {
      const { renderCard } = await import('../lib/card.js');
      if (gone || !place.current) return;
      const element = renderCard(content, (inputs) => {
        attempt('The answer was not sent', async () => {
          await answers.send({ id, roomId }, inputs);
          setSent(true);
        });
      });
      place.current.replaceChildren(element);
      setState('shown');
    };
    draw().catch(() => {
      if (!gone) setState('failed');
    });
    return () => {
      gone = true;
    };
  }, [content, id, roomId, answers]);
  const emailOf = (person: string): string =>
    chats.of(roomId).members.value?.find(({ personId }) => personId === person)?.email ?? 'someone';
  return (
    <div class="card" data-testid="card">
      <div ref={place} />
      {state === 'loading' && <div class="skeleton card-skeleton" aria-label="Reading the card" />}
      {state === 'failed' && <p>{text ?? 'This card cannot be shown here.'}</p>}
      {sent && (
        <p class="quiet" role="status">
          Your answer was sent.
        </p>
      )}
      {answers.to(id).length > 0 && (
        <ul class="answers" aria-label="Answers">
          {answers.to(id).map((answer) => (
            <li key={answer.id} data-testid="answer">
              <strong>
                {answer.personId === me.id ? 'You' : names.of(answer.personId, emailOf(answer.personId))}
              </strong>{' '}
              sent: {wordsOf(answer.inputs)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const wordsOf = (inputs: Readonly<Record<string, unknown>> = {}): string =>
  Object.values(inputs)
    .filter((value) => value !== '' && value !== undefined && value !== null)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ') || 'nothing';
