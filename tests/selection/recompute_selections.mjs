// Reads a JSON list of [dossier as text, whether to open its bids] from the file named first, and prints for each what
// the browser would find. Bundled by the test from the browser's own modules, because those of the seal come from npm.
import { readFileSync } from "node:fs";
import { signatureHolds } from "../../frontend/js/beacon/signature.js";
import { compare, read, recompute } from "../../frontend/js/selection/recompute.js";

console.warn = () => {};
const known = new Map(); // most dossiers of a test share one round, and pairings are slow
async function signed(...facts) {
  const key = JSON.stringify(facts);
  if (!known.has(key)) known.set(key, await signatureHolds(...facts));
  return known.get(key);
}
const found = [];
for (const [text, open] of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  try {
    const dossier = read(new TextEncoder().encode(text));
    const computed = await recompute(dossier, { open });
    found.push({ computed, claims: Object.fromEntries((await compare(dossier, computed, signed)).map(({ name, ok }) => [name, ok])) });
  } catch (problem) {
    found.push({ refused: String(problem) });
  }
}
console.log(JSON.stringify(found));
