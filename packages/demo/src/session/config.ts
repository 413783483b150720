/** The configuration that the server puts into the page, see serve.mjs. */
export interface DemoConfig {
  readonly service: string;
  readonly clientId: string;
  /** whom one may sign in as; shown as a hint */
  readonly people: readonly { readonly name: string; readonly email: string }[];
}

export async function loadConfig(): Promise<DemoConfig> {
  const answer = await fetch('/config.json');
  if (!answer.ok) throw new Error('The page was served without /config.json. Start it with npm start.');
  return (await answer.json()) as DemoConfig;
}
