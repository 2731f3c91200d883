import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The text of every Jinja template, joined; the base of what css and which icons the pages need. */
export async function templateText(root) {
  const folder = join(root, "templates");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".html"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.join("\n");
}
