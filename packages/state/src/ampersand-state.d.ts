declare module 'ampersand-state' {
  interface Raw {
    set(values: object, options?: { readonly silent?: boolean }): void;
    on(event: 'all', listener: (event: string, model: unknown, value: unknown) => void): void;
    serialize(): object;
  }
  const State: { extend(definition: object): new (values?: object) => Raw };
  export default State;
}
