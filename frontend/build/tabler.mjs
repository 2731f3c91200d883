import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { templateText } from "./templates.mjs";

// What we take from Tabler: its grid, spacing and text utilities. Elements, components and colours are ours.
const FAMILIES = new RegExp(
  "^(?:container(?:-\\w+)?|row(?:-.+)?|col(?:-.+)?|offset-.+|order-.+|g[xy]?-.+|gap-.+|[mp][tbsexy]?-.+" +
    "|d-.+|flex-.+|justify-.+|align-.+|float-.+|text-(?:start|end|center|wrap|nowrap|break|truncate|.+-(?:start|end|center))" +
    "|fw-.+|fst-.+|lh-.+|w-.+|h-.+|visually-hidden(?:-focusable)?|list-unstyled|overflow-.+|position-.+|sticky-.+|[hv]stack)$",
);

/** esbuild plugin: loads tabler.css reduced to those utility classes the templates use. */
export function tablerSubset(root) {
  return {
    name: "tabler-subset",
    setup(build) {
      build.onLoad({ filter: /tabler(\.min)?\.css$/ }, async ({ path }) => {
        const words = new Set((await templateText(root)).match(/[\w-]+/g));
        const contents = reduce(await readFile(path, "utf8"), (name) => FAMILIES.test(name) && words.has(name));
        return { contents, loader: "css", resolveDir: join(path, "..") };
      });
    },
  };
}

/** Keeps the rules all of whose classes are wanted; `@media` and `@supports` blocks are reduced inside. */
export function reduce(css, wanted) {
  let kept = "";
  for (const { head, body } of rules(css)) {
    if (/^@(media|supports|layer|container)/.test(head)) {
      const inner = reduce(body, wanted);
      if (inner) kept += `${head}{${inner}}`;
    } else if (head.startsWith("@")) {
      continue; // key frames, imports and charsets belong to components we do not take
    } else {
      const selectors = splitSelectors(head).filter((selector) => isWanted(selector, wanted));
      if (selectors.length) kept += `${selectors.join(",")}{${body}}`;
    }
  }
  return kept;
}

function isWanted(selector, wanted) {
  if (/::-webkit|::-moz|\[data-bs-|:root|\[dir=|:host/.test(selector)) return false;
  const classes = selector.match(/\.-?[A-Za-z_][\w-]*(?:\\.[\w-]*)*/g) ?? [];
  return classes.length > 0 && classes.every((name) => wanted(name.slice(1).replaceAll("\\", "")));
}

/** Top-level blocks as {head, body}; strings, comments and parentheses may hold braces and semicolons. */
function* rules(css) {
  let depth = 0;
  let start = 0;
  let open = 0;
  for (let i = 0; i < css.length; i += 1) {
    const sign = css[i];
    if (sign === '"' || sign === "'") i = closing(css, i, sign);
    else if (sign === "/" && css[i + 1] === "*") {
      i = css.indexOf("*/", i) + 1;
      if (depth === 0) start = i + 1;
    } else if (sign === "(" && css.startsWith("url(", i - 3)) i = css.indexOf(")", i);
    else if (sign === ";" && depth === 0) start = i + 1;
    else if (sign === "{" && depth++ === 0) open = i;
    else if (sign === "}" && --depth === 0) {
      yield { head: css.slice(start, open).trim(), body: css.slice(open + 1, i) };
      start = i + 1;
    }
  }
}

function closing(css, start, quote) {
  let i = start + 1;
  while (css[i] !== quote) i += css[i] === "\\" ? 2 : 1;
  return i;
}

function splitSelectors(head) {
  return head.split(/,(?![^(]*\))/).map((selector) => selector.trim());
}
