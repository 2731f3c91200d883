import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { templateText } from "./templates.mjs";

const USES = /\bicon\s*(?:=|\()\s*["']([a-z0-9-]+)["']/g;

/** name -> inner svg markup, for every icon written in a template or listed in icons.txt. */
export async function collectIcons(root) {
  const names = new Set(await listedIcons(root));
  for (const [, name] of (await templateText(root)).matchAll(USES)) names.add(name);
  const sets = {
    outline: await nodes(root, "outline"),
    filled: await nodes(root, "filled"),
  };
  const unknown = [...names].filter((name) => !find(sets, name));
  if (unknown.length) throw new Error(`No such Tabler icon: ${unknown.sort().join(", ")}`);
  return Object.fromEntries([...names].sort().map((name) => [name, find(sets, name)]));
}

/** Icons whose name a template computes, one a line. */
async function listedIcons(root) {
  const text = await readFile(join(root, "frontend", "icons.txt"), "utf8");
  return text.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
}

async function nodes(root, style) {
  const path = join(root, "frontend/node_modules/@tabler/icons", `tabler-nodes-${style}.json`);
  return JSON.parse(await readFile(path, "utf8"));
}

function find(sets, name) {
  const filled = name.endsWith("-filled");
  const shapes = filled ? sets.filled[name.slice(0, -"-filled".length)] : sets.outline[name];
  if (!shapes) return undefined;
  return { filled, body: shapes.map(element).join("") };
}

function element([tag, attributes]) {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`).join("");
  return `<${tag}${text}/>`;
}
