import { hueOf, initialsOf } from '../lib/text.js';

/** Initials on a colour of one's own. Decoration: the name stands beside it. */
export function Avatar(props: {
  readonly name: string;
  readonly size?: 'small' | 'normal';
  readonly title?: string;
}) {
  const { name, size = 'normal', title } = props;
  return (
    <span class={`avatar ${size}`} style={{ '--hue': String(hueOf(name)) }} title={title} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
