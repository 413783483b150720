import type { Reader } from '../lib/readers.js';
import { Avatar } from './avatar.js';

const most = 5;

/** Who has read up to here. */
export function Readers({ readers }: { readonly readers: readonly Reader[] | undefined }) {
  if (readers === undefined) return null;
  const names = readers.map(({ name }) => name).join(', ');
  return (
    <div
      class="readers"
      role="img"
      aria-label={`Read by ${names}`}
      title={`Read by ${names}`}
      data-testid="readers"
    >
      {readers.slice(0, most).map(({ personId, name }) => (
        <Avatar key={personId} name={name} size="small" />
      ))}
      {readers.length > most && <span class="quiet">+{readers.length - most}</span>}
    </div>
  );
}
