export interface DemoPerson {
  readonly email: string;
  readonly displayName: string;
  readonly roles?: readonly 'agent'[];
}

/** The people of `--seed demo` and of `npm start`: one cast for both. */
export const demoPeople: readonly DemoPerson[] = [
  { email: 'ana@example.com', displayName: 'Ana Lima' },
  { email: 'ben@example.com', displayName: 'Ben Okoro' },
  { email: 'chloe@example.com', displayName: 'Chloé Martin' },
  { email: 'dev@example.com', displayName: 'Dev Patel' },
  { email: 'eva@example.com', displayName: 'Eva Novak', roles: ['agent'] },
];
