// An eslint rule for packages/server: a module is imported by its `api.ts` only, and imports point down.
import path from 'node:path';

/** Where a file of the server belongs: the part of the tree that others may not look into. */
function placeOf(file) {
  const [, inside] = file.split(`${path.sep}packages${path.sep}server${path.sep}src${path.sep}`);
  if (inside === undefined) return undefined;
  const [top, name] = inside.split(path.sep);
  if (top === 'modules') return { top, unit: name.endsWith('.ts') ? '' : `modules/${name}` };
  if (top === 'ops') return { top, unit: name.endsWith('.ts') ? '' : `ops/${name}` };
  return { top, unit: top };
}

/** What is wrong with this import; undefined when it is allowed. */
function problemOf(from, to, target) {
  if (from.top.endsWith('.ts')) return undefined; // server.ts, modules.ts and cli.ts put everything together
  if (from.top === 'kernel' && ['modules', 'api', 'ops'].includes(to.top))
    return `the kernel imports nothing from ${to.top}: pass it in, or move what both need into the kernel`;
  if (from.top === 'modules' && (to.top === 'api' || to.top === 'ops'))
    return `a module imports nothing from ${to.top}`;
  if (to.top !== 'modules' || to.unit === '' || from.unit === to.unit) return undefined;
  if (path.basename(target) === 'api.js') return undefined;
  return `${path.basename(target)} is internal to ${to.unit}: import from its api.js, or name the module in \`needs\``;
}

export default {
  meta: { type: 'problem', messages: { internal: '{{problem}}' } },
  create(context) {
    const from = placeOf(context.filename);
    const check = (node) => {
      const specifier = node.source?.value;
      if (from === undefined || typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const target = path.resolve(path.dirname(context.filename), specifier);
      const to = placeOf(target);
      const problem = to && problemOf(from, to, target);
      if (problem) context.report({ node, messageId: 'internal', data: { problem } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
