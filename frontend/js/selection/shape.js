// What a dossier must look like before anything in it is believed: every member, of its kind, and no other.
import { canonical } from "../draw/canonical.js";

const MOST_FEN = 10 ** 15;
const WHOLE = 10_000;

// Each member with its kind; "?" where it may be null.
const SHAPES = {
  dossier: "beacon:object? bids:list commitment:object? decided_at:text decision:object digest:text entries:list evidence:object? "
    + "format:text method:text opening:object? pool:object project:text purpose:text terms:object",
  pool: "entrants:list excluded:list frozen_at:text hash:text salt:text",
  entrant: "code:text name:text nonce:text? sealed_sha256:text? tickets:number",
  excluded: "code:text name:text reason:text",
  bid: "ciphertext:text code:text fault:text? quoted:number?",
  commitment: "algorithm:text chain:object committed_at:text deadline:text round:number",
  chain: "beacon_id:text genesis:number group_hash:text hash:text period:number public_key:text scheme:text",
  beacon: "randomness:text round:number signature:text",
  opening: "round:number signature:text",
  terms: "chain:text limits:object? minimum:number no:number numbers:object price_fen:number? project:text quote:text round:number",
  numbers: "base_shares:list decimals:number drop_from:number drop_highest:number drop_lowest:number keep:number",
  limits: "ceiling_fen:number floor_fen:number largest_discount:number smallest_discount:number",
  bidding: "minutes:number rounds:number",
  merit: "credit_full:number credit_neutral:number credit_weight:number criteria:list panel_size:number price_weight:number",
  criterion: "name:text no:number weight:number",
};

/** Whether every part of the file has its members, each of its kind. */
export function isDossier(dossier) {
  if (!fits(dossier, "dossier")) return false;
  const { pool, bids, commitment, beacon, opening } = dossier;
  return (
    fits(pool, "pool") && pool.entrants.every((one) => fits(one, "entrant")) && pool.excluded.every((one) => fits(one, "excluded")) &&
    bids.every((one) => fits(one, "bid")) && (beacon === null || fits(beacon, "beacon")) && (opening === null || fits(opening, "opening")) &&
    (commitment === null || (fits(commitment, "commitment") && fits(commitment.chain, "chain")))
  );
}

/** Whether these are terms that a method could decide by. */
export function areTerms(terms) {
  const further = ["bidding", "merit"].filter((name) => name in terms);
  const { numbers, limits, quote, price_fen: price } = terms;
  return (
    fits(terms, "terms", further) && ["price", "discount"].includes(quote) && terms.minimum >= 0 && terms.no >= 1 &&
    (price === null || (price > 0 && price <= MOST_FEN)) && areNumbers(numbers) && (limits === null || areLimits(limits)) &&
    (!("bidding" in terms) || isBidding(terms.bidding)) && (!("merit" in terms) || isMerit(terms.merit))
  );
}

function areNumbers(numbers) {
  if (!fits(numbers, "numbers")) return false;
  const { base_shares: shares, drop_highest: highest, drop_lowest: lowest, drop_from: from, decimals, keep } = numbers;
  return (
    shares.length > 0 && shares.every((share) => Number.isSafeInteger(share) && share >= 1) && new Set(shares).size === shares.length &&
    Math.min(highest, lowest) >= 0 && from > highest + lowest && decimals >= 0 && decimals <= 2 && keep >= 1
  );
}

function areLimits(limits) {
  if (!fits(limits, "limits")) return false;
  const { ceiling_fen: ceiling, floor_fen: floor, smallest_discount: smallest, largest_discount: largest } = limits;
  return floor >= 0 && floor <= ceiling && ceiling > 0 && ceiling <= MOST_FEN && smallest >= 0 && smallest <= largest && largest < WHOLE;
}

function isBidding(bidding) {
  return fits(bidding, "bidding") && Math.min(bidding.rounds, bidding.minutes) >= 1;
}

function isMerit(merit) {
  if (!fits(merit, "merit") || !merit.criteria.length || !merit.criteria.every((one) => fits(one, "criterion"))) return false;
  const { criteria, price_weight: price, credit_weight: credit, credit_full: full, credit_neutral: neutral, panel_size: seats } = merit;
  const weights = criteria.map(({ weight }) => weight);
  return (
    criteria.every(({ no }, place) => no === place + 1) && Math.min(...weights) >= 1 && Math.min(price, credit) >= 0 &&
    weights.reduce((sum, weight) => sum + weight, price + credit) === WHOLE && neutral >= 0 && neutral <= full && full >= 1 &&
    seats >= 1 && seats % 2 === 1
  );
}

function fits(part, kind, further = []) {
  if (!isKind(part, "object")) return false;
  const members = SHAPES[kind].split(" ").map((member) => member.split(":"));
  const names = [...members.map(([name]) => name), ...further].sort();
  return canonical(Object.keys(part).sort()) === canonical(names) && members.every(([name, wanted]) => isKind(part[name], wanted));
}

function isKind(value, kind) {
  if (kind.endsWith("?")) return value === null || isKind(value, kind.slice(0, -1));
  if (kind === "list") return Array.isArray(value);
  if (kind === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === (kind === "text" ? "string" : "number");
}
