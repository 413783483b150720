const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Why a text of JSON should not be parsed, found without parsing it: `deep` when arrays and objects are nested deeper than
 * `levels`, because code that walks through them exhausts the stack; `long` when it has more than about `values` values,
 * because parsing them takes long. undefined when neither is true.
 */
export function excessOfJson(json: string, levels: number, values = Infinity): 'deep' | 'long' | undefined {
  let depth = 0;
  let count = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1)
    switch (json.charCodeAt(at)) {
      case backslash:
        // also outside of a string, where it is not JSON anyway
        at += 1;
        break;
      case quote:
        quoted = !quoted;
        break;
      case openList:
      case openObject:
        if (quoted) break;
        if (++depth > levels) return 'deep';
        count += 1;
        break;
      case comma:
        if (!quoted && ++count > values) return 'long';
        break;
      case closeList:
      case closeObject:
        if (!quoted) depth -= 1;
        break;
    }
  return undefined;
}

/** Whether a text of JSON nests arrays and objects deeper than `levels`. */
export const isTooDeep = (json: string, levels: number): boolean => excessOfJson(json, levels) === 'deep';
