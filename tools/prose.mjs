// Plain English: finds wording that readers have to translate, in comments, strings and pages.
// `node tools/prose.mjs` checks everything; `node tools/prose.mjs packages/rooms docs` only what is below these.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './lib.mjs';

/** [pattern, what to write instead] */
export const rules = [
  [/\b(hears?|heard|hearing)\b/i, 'receives / is notified'],
  [/\b(told|tells|tell of|telling)\b/i, 'is notified / notifies / says'],
  [/\b(somebody|whoever|whomever)\b/i, 'a user / the caller / any user who'],
  [/\bnobody\b/i, 'no one / no user'],
  [/\b(anew|amid|albeit|thereby|wherein|whereof|wherewith|hitherto|forthwith)\b/i, 'again / during / although / so / where'],
  [/(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more than\b|fewer\b|less\b|later\b|earlier\b|need\b|such\b|one\b|way\b|op\b)(?=[a-z]+)/i, 'is not a …'],
  [/\bthe way off\b/i, 'an unsubscribe function'],
  [/\b(hold|holds) water\b/i, 'is valid'],
  [/\b(go|goes|gone|going|went) round\b/i, 'bypass / retry / loop'],
  [/\bwhat (became|comes|came) of\b/i, 'the result of'],
  [/\bnothing came of it\b/i, 'it failed / it timed out'],
  [/\bcome(s)? by\b/i, 'arrive'],
  [/\bby and by\b/i, 'gradually'],
  [/\bstands? in the (table|page|list|readme)\b/i, 'is in the …'],
  [/\b(of|from) old\b/i, 'old'],
  [/\bfor good\b/i, 'permanently'],
  [/\b(that|which) may pass\b|\bwhat may pass\b/i, 'transient failures'],
  [/\bthough (it|they) be\b/i, 'even if it is'],
]; // prettier-ignore

const skipped = /^(pnpm-lock\.yaml|docs\/protocol\/|tools\/prose\.mjs|CHANGELOG\.md|.*\/CHANGELOG\.md)/;
const isText = (file) => file.endsWith('.md');
const isCode = (file) => /\.(ts|tsx|mts|cts|mjs|cjs|js)$/.test(file);

/** Comments and string literals of a source file, each with its first line (1-based). */
export function proseOfCode(text, file = 'x.ts') {
  const found = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineOf = (at) => source.getLineAndCharacterOfPosition(at).line + 1;
  const seen = new Set();
  const comments = (node) => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
      if (!seen.has(range.pos)) {
        seen.add(range.pos);
        found.push([lineOf(range.pos), text.slice(range.pos, range.end)]);
      }
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? [])
      if (!seen.has(range.pos)) {
        seen.add(range.pos);
        found.push([lineOf(range.pos), text.slice(range.pos, range.end)]);
      }
  };
  const visit = (node) => {
    comments(node);
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node) ||
        ts.isTemplateMiddle(node) || ts.isTemplateTail(node) || ts.isJsxText(node))
      // a single word is a name or an address, not prose
      if (ts.isJsxText(node) || /\s/.test(node.text.trim())) found.push([lineOf(node.getStart()), node.text]); // prettier-ignore
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return found;
}

/** The lines of a page without code. */
export function proseOfPage(text) {
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced;
      return [];
    }
    return fenced ? [] : [[index + 1, line.replace(/`[^`]*`/g, '`code`')]];
  });
}

export function check(file, text) {
  const parts = isText(file) ? proseOfPage(text) : proseOfCode(text, file);
  const findings = [];
  for (const [line, part] of parts)
    part.split('\n').forEach((one, offset) => {
      for (const [pattern, instead] of rules) {
        const hit = pattern.exec(one);
        if (hit)
          findings.push(`${file}:${line + offset}: "${hit[0]}": ${instead}: ${one.trim().slice(0, 110)}`);
      }
    });
  return findings;
}

/** Findings in all files, or in those below the chosen paths. */
export function findProse(chosen = []) {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter(
      (file) => (isText(file) || isCode(file)) && !skipped.test(file) && existsSync(path.join(root, file)),
    )
    .filter(
      (file) => chosen.length === 0 || chosen.some((one) => file === one || file.startsWith(`${one}/`)),
    );
  return files.flatMap((file) => check(file, readFileSync(path.join(root, file), 'utf8')));
}

if (process.argv[1] === import.meta.filename) {
  const findings = findProse(process.argv.slice(2).map((one) => one.replace(/\/$/, '')));
  for (const finding of findings) console.log(finding);
  console.log(`${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
