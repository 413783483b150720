import { type Action, AdaptiveCard, HostConfig, OpenUrlAction, SubmitAction } from 'adaptivecards';

// words are shown as they are: no markdown, so nothing that others wrote becomes HTML
AdaptiveCard.onProcessMarkdown = (_text, result) => {
  result.didProcess = false;
};

// the page's own colours, so that a card changes with them
const colours = {
  ...{ default: 'var(--ink)', dark: 'var(--ink)', light: 'var(--quiet)', accent: 'var(--accent)' },
  ...{ good: 'var(--accent)', warning: 'var(--warn-ink)', attention: 'var(--bad)' },
};
const foregroundColors = Object.fromEntries(
  Object.entries(colours).map(([name, colour]) => [name, { default: colour, subtle: 'var(--quiet)' }]),
);
const style = (backgroundColor: string) => ({ backgroundColor, foregroundColors });
const tinted = style('var(--wall)');
const hostConfig = new HostConfig({
  fontFamily: 'inherit',
  supportsInteractivity: true,
  fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 21 },
  spacing: { small: 4, default: 8, medium: 12, large: 18, extraLarge: 24, padding: 12 },
  containerStyles: {
    ...{ default: style('transparent'), emphasis: tinted, accent: tinted },
    ...{ good: tinted, warning: tinted, attention: tinted },
  },
  actions: { maxActions: 6, spacing: 'medium', buttonSpacing: 8, actionsOrientation: 'horizontal' },
});

/**
 * A card as elements of the page. What this renderer does not know is shown by its fallback, or left out.
 *
 * @param submit receives the inputs
 * @throws {Error} when it is not a card
 */
export function renderCard(content: unknown, submit: (inputs: Record<string, unknown>) => void): HTMLElement {
  const card = new AdaptiveCard();
  card.hostConfig = hostConfig;
  card.onExecuteAction = (action: Action) => {
    if (action instanceof SubmitAction) submit((action.data ?? {}) as Record<string, unknown>);
    else if (action instanceof OpenUrlAction && /^https?:/i.test(action.url ?? ''))
      window.open(action.url, '_blank', 'noopener,noreferrer');
  };
  card.onAnchorClicked = (_element, anchor) => !/^https?:/i.test(anchor.href);
  card.parse(content);
  const element = card.render();
  if (element === undefined) throw new Error('nothing to show');
  return element;
}
