import { Action, AdaptiveCard, HostConfig, OpenUrlAction, SubmitAction } from 'adaptivecards';

// words are shown as they are: no markdown, so nothing that others wrote becomes HTML
AdaptiveCard.onProcessMarkdown = (_text, result) => {
  result.didProcess = false;
};

const colours = (ink: string, quiet: string, accent: string, good: string, warn: string, bad: string) =>
  Object.fromEntries(
    Object.entries({
      default: ink,
      dark: ink,
      light: quiet,
      accent,
      good,
      warning: warn,
      attention: bad,
    }).map(([name, colour]) => [name, { default: colour, subtle: quiet }]),
  );

const hostConfig = (dark: boolean): HostConfig => {
  const foregroundColors = dark
    ? colours('#eceeea', '#a0a8a3', '#6bd3bd', '#7fd68a', '#ffdf94', '#ff9d94')
    : colours('#1f2421', '#5f665f', '#0d6e5f', '#1c6b2a', '#7a4a00', '#b3261e');
  const style = (backgroundColor: string) => ({ backgroundColor, foregroundColors });
  const tinted = style(dark ? '#2e3336' : '#f4f2ec');
  return new HostConfig({
    fontFamily: 'inherit',
    supportsInteractivity: true,
    fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 21 },
    spacing: { small: 4, default: 8, medium: 12, large: 18, extraLarge: 24, padding: 0 },
    containerStyles: {
      ...{ default: style('transparent'), emphasis: tinted, accent: tinted },
      ...{ good: tinted, warning: tinted, attention: tinted },
    },
    actions: { maxActions: 6, spacing: 'medium', buttonSpacing: 8, actionsOrientation: 'horizontal' },
  });
};

/**
 * A card as elements of the page. What this renderer does not know is shown by its fallback, or left out.
 *
 * @param submit hears what was filled in
 * @throws {Error} when it is no card
 */
export function renderCard(
  content: unknown,
  dark: boolean,
  submit: (inputs: Record<string, unknown>) => void,
): HTMLElement {
  const card = new AdaptiveCard();
  card.hostConfig = hostConfig(dark);
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
