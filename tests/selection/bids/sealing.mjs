// Reads one JSON list of jobs from standard input and answers each with what the bidding page's own modules make of it.
import { basisPointsOf, bidText, fenOf } from "../../../frontend/js/bids/text.js";
import { QUICKNET, QUICKNET_HASH, chainHash, chainHolds, freshNonce, hexSha256, seal } from "../../../frontend/js/bids/seal.js";

globalThis.fetch = () => {
  throw new Error("no network here");
};
const answers = {
  read: ({ typed, quote }) => {
    const found = quote === "discount" ? basisPointsOf(typed) : fenOf(typed);
    return found === null ? null : String(found);
  },
  text: ({ belonging, quoted }) => bidText(belonging, BigInt(quoted)),
  text_with_proposal: ({ belonging, quoted, proposal }) => bidText(belonging, BigInt(quoted), proposal),
  hash: ({ chain }) => chainHash(chain),
  holds: ({ chain, hash, demonstration }) => chainHolds(chain, hash, { demonstration }),
  pinned: () => ({ ...QUICKNET, hash: QUICKNET_HASH }),
  seal: async ({ text, chain, round }) => {
    const file = await seal(text, chain, round);
    return { file, sha256: hexSha256(file) };
  },
  nonce: () => freshNonce(),
};

let read = "";
for await (const part of process.stdin) read += part;
const results = [];
for (const { ask, ...given } of JSON.parse(read)) results.push(await answers[ask](given));
process.stdout.write(JSON.stringify(results));
