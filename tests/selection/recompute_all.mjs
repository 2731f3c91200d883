// Reads a JSON list of dossiers (as text) from the file named first, and prints for each what the browser would find.
import { readFile } from "node:fs/promises";
import { compare, read, recompute } from "./js/draw/recompute.js";

const texts = JSON.parse(await readFile(process.argv[2], "utf8"));
const found = [];
for (const text of texts) {
  try {
    const dossier = read(new TextEncoder().encode(text));
    const computed = await recompute(dossier);
    found.push({ computed, claims: Object.fromEntries((await compare(dossier, computed)).map(({ name, ok }) => [name, ok])) });
  } catch (problem) {
    found.push({ refused: String(problem) });
  }
}
console.log(JSON.stringify(found));
