/** Two cards to try, with the words for who cannot see cards. */
export interface ExampleCard {
  readonly name: string;
  readonly about: string;
  readonly text: string;
  readonly card: object;
}
const head = { type: 'AdaptiveCard', version: '1.3' } as const;
const title = (text: string) => ({ type: 'TextBlock', text, weight: 'bolder', size: 'medium', wrap: true });

export const exampleCards: readonly ExampleCard[] = [
  {
    name: 'Poll',
    about: 'One question, three answers',
    text: 'Poll: where shall we have lunch?',
    card: {
      ...head,
      body: [
        title('Where shall we have lunch?'),
        {
          ...{ type: 'Input.ChoiceSet', id: 'place', style: 'expanded', value: 'Noodle bar' },
          label: 'Place',
          choices: ['Noodle bar', 'Canteen', 'Park'].map((name) => ({ title: name, value: name })),
        },
      ],
      actions: [{ type: 'Action.Submit', title: 'Vote' }],
    },
  },
  {
    name: 'Form',
    about: 'A few fields to fill in',
    text: 'Form: what do you bring?',
    card: {
      ...head,
      body: [
        title('What do you bring?'),
        { type: 'Input.Text', id: 'what', label: 'What', placeholder: 'Cake, chairs, …' },
        { type: 'Input.Number', id: 'count', label: 'How many', min: 1, value: 1 },
        { type: 'Input.Toggle', id: 'car', title: 'I drive' },
      ],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    },
  },
];
