// What is typed, and the text that is sealed: byte for byte what projects/selection/bids/text.py writes.
const PADDED_BYTES = 2048;
const YUAN = /^[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?$|^[0-9]{1,13}(?:\.[0-9]{1,2})?$/;
const PERCENT = /^[0-9]{1,3}(?:\.[0-9]{1,2})?$/;

/** Fen as a BigInt of an amount in yuan as people write it ("12300", "12,300.5"); null for anything else. */
export function fenOf(typed) {
  return hundredths(typed.trim(), YUAN);
}

/** Basis points as a BigInt of a percentage ("12.5", "12.5%"); null for anything else. */
export function basisPointsOf(typed) {
  return hundredths(typed.trim().replace(/%$/, "").trim(), PERCENT);
}

function hundredths(typed, form) {
  if (!form.test(typed)) return null;
  const [whole, part = ""] = typed.replaceAll(",", "").split(".");
  return BigInt(whole) * 100n + BigInt(part.padEnd(2, "0"));
}

/** "12300.50" of 1230050n. */
export function plainAmount(quoted) {
  return `${quoted / 100n}.${String(quoted % 100n).padStart(2, "0")}`;
}

/** The padded text of a bid. `belonging`: {project, agency, round, chain, nonce, quote}; `proposal`: {key, sha256} where
 *  the method asks for one. */
export function bidText(belonging, quoted, proposal = null) {
  const members = { ...belonging, v: 1, amount: plainAmount(quoted) };
  if (proposal) Object.assign(members, { proposal_key: proposal.key, proposal_sha256: proposal.sha256 });
  const names = Object.keys(members).sort();
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, members[name]])));
  if (!/^[\x20-\x7e]*$/.test(text) || text.length > PADDED_BYTES) throw new Error("this text is no bid");
  return text.padEnd(PADDED_BYTES, " ");
}
