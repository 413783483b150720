/**
 * Whether a text of JSON nests arrays and objects deeper than `levels`, found without parsing it: code that walks through
 * what is nested too deep exhausts the stack.
 */
export function isTooDeep(json: string, levels: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1)
    switch (json[at]) {
      case '\\':
        // also outside of a text, where it is not JSON anyway
        at += 1;
        break;
      case '"':
        quoted = !quoted;
        break;
      case '[':
      case '{':
        if (!quoted && ++depth > levels) return true;
        break;
      case ']':
      case '}':
        if (!quoted) depth -= 1;
        break;
    }
  return false;
}
