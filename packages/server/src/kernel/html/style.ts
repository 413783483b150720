/** Of the sign-in pages; its hash stands in their content security policy. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #eef2f2; --card: #ffffff; --ink: #14211f; --quiet: #55656a; --line: #71828a; --rule: #d8e0e0;
  --accent: #0b6e69; --accent-strong: #095955; --on-accent: #ffffff; --soft: #e3f1ef;
  --bad: #9b1c1c; --bad-ground: #fdecec; --shadow: 0 1px 2px #0f2a2814, 0 12px 32px #0f2a281f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1616; --card: #172121; --ink: #e8f0ef; --quiet: #a3b4b3; --line: #6f8585; --rule: #2b3a3a;
    --accent: #4fc3b7; --accent-strong: #75d6cb; --on-accent: #06211f; --soft: #1e302f;
    --bad: #ffb4ab; --bad-ground: #3a1c1c; --shadow: 0 1px 2px #0006, 0 12px 32px #0008;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
.card {
  width: 100%; max-width: 26rem; padding: 2rem; border-radius: 1rem;
  background: var(--card); box-shadow: var(--shadow); overflow-wrap: anywhere;
}
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.5rem; font-weight: 600; color: var(--quiet); }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; }
.lead { margin: 0 0 1.25rem; color: var(--quiet); }
.lead strong { color: var(--ink); }
label { display: block; margin: 1rem 0 .35rem; font-weight: 600; font-size: .925rem; }
input, textarea, select {
  width: 100%; padding: .65rem .8rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: .55rem;
}
input:focus-visible, textarea:focus-visible, select:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.buttons { display: flex; gap: .75rem; margin-top: 1.5rem; }
button {
  flex: 1; padding: .7rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--ink); background: transparent; border: 1px solid var(--line); border-radius: .55rem;
}
button:hover { background: var(--soft); }
button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button.main:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
.problem {
  margin: 1rem 0 0; padding: .7rem .9rem; border-radius: .55rem; border-left: 4px solid var(--bad);
  color: var(--bad); background: var(--bad-ground);
}
.scopes { margin: 0 0 1.25rem; padding: 0; list-style: none; border: 1px solid var(--rule); border-radius: .55rem; }
.scopes li { padding: .7rem .9rem .7rem 2.4rem; position: relative; }
.scopes li + li { border-top: 1px solid var(--rule); }
.scopes li::before {
  content: ""; position: absolute; left: 1rem; top: 1.1rem; width: .35rem; height: .7rem;
  border: solid var(--accent); border-width: 0 2.5px 2.5px 0; transform: rotate(40deg) translateY(-.15rem);
}
.person { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .8rem; padding: .8rem .9rem; border-radius: .55rem; background: var(--soft); }
.person p { margin: 0; flex: 1 1 11rem; line-height: 1.35; }
.initial {
  flex: none; display: grid; place-items: center; width: 2.4rem; height: 2.4rem; border-radius: 50%;
  font-weight: 700; color: var(--on-accent); background: var(--accent);
}
.code { letter-spacing: .12em; text-transform: uppercase; font-variant-numeric: tabular-nums; }
.code::placeholder { color: var(--quiet); opacity: .6; }
.shown-code {
  margin: 0 0 1.25rem; padding: .7rem; border-radius: .55rem; text-align: center; background: var(--soft);
  font: 700 1.6rem/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .1em;
}
h2 { margin: 1.75rem 0 .6rem; font-size: 1.05rem; }
.rows { margin: 0; padding: 0; list-style: none; border: 1px solid var(--rule); border-radius: .55rem; }
.rows li { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; padding: .7rem .9rem; }
.rows li + li { border-top: 1px solid var(--rule); }
.rows p { margin: 0; flex: 1 1 12rem; line-height: 1.35; }
.rows button { flex: none; padding: .45rem .8rem; font-size: .9rem; }
.quiet { color: var(--quiet); font-size: .9rem; }
.note { margin: 1.25rem 0 0; color: var(--quiet); font-size: .875rem; }
.note strong { color: var(--ink); font-weight: 600; }
a { color: var(--accent); font-weight: 600; white-space: nowrap; }
@media (max-width: 28rem) {
  body { padding: 0; place-items: start stretch; background: var(--card); }
  .card { max-width: none; padding: 1.5rem 1.25rem; border-radius: 0; box-shadow: none; }
}
`;
