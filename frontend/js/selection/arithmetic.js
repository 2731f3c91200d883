// What all methods reckon with: whole numbers without limit, offers from the cheapest, and lots.
import { ALGORITHM, draw } from "../draw/hmac_draw.js";

export const WHOLE = 10_000n; // basis points

export class Refused extends Error {}

/** above ÷ below, rounded half up, for numbers that are not negative. */
export function halfUp(above, below) {
  if (above < 0n || below <= 0n) throw new Refused("only what is not negative is rounded");
  return (2n * above + below) / (2n * below);
}

export function distance(one, other) {
  return one < other ? other - one : one - other;
}

export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0n);
}

/** A whole number as JSON holds it; refused where readers would round it. */
export function plain(number) {
  if (number === null) return null;
  const found = Number(number);
  if (!Number.isSafeInteger(found)) throw new Refused("a number is larger than every reader of JSON can hold");
  return found;
}

export function figure(name, value, unit) {
  return { name, value: plain(value), unit };
}

/** Valid bids from the cheapest, equal ones by code, and the others by code. `low` orders: the price, or the discount
 *  turned round, which is finer than the price that it leaves. */
export function judge(terms, entries) {
  const offers = [];
  const rejected = [];
  for (const entry of [...entries].sort(byCode)) {
    const fault = faultOf(terms, entry.quoted);
    if (fault) rejected.push({ code: entry.code, quoted: entry.quoted, fault });
    else offers.push(offer(terms, entry));
  }
  return { offers: offers.sort((a, b) => compare(a.low, b.low) || byCode(a, b)), rejected };
}

function offer(terms, { code, quoted }) {
  const price = priceOf(terms, BigInt(quoted));
  return { code, quoted, price, low: terms.quote === "price" ? price : -BigInt(quoted) };
}

function priceOf({ quote, limits }, quoted) {
  return quote === "price" ? quoted : halfUp(BigInt(limits.ceiling_fen) * (WHOLE - quoted), WHOLE);
}

function faultOf(terms, quoted) {
  const { limits } = terms;
  if (!limits) throw new Refused("the notice states no ceiling");
  if (!Number.isSafeInteger(quoted) || quoted < 0) return "no_amount";
  if (terms.quote === "discount" && quoted < limits.smallest_discount) return "discount_too_small";
  if (terms.quote === "discount" && quoted > limits.largest_discount) return "discount_too_large";
  const price = priceOf(terms, BigInt(quoted));
  if (price > BigInt(limits.ceiling_fen)) return "above_ceiling";
  return price < BigInt(Math.max(limits.floor_fen, 1)) ? "below_floor" : null;
}

/** What a decision says of a valid bid. */
export function line({ code, quoted, price }, note = "counted", away = null, points = null) {
  const found = { code, quoted, price_fen: plain(price), note, distance_fen: plain(away) };
  return points ? { ...found, points } : found;
}

export function needed({ minimum }) {
  return Math.max(minimum, 1);
}

/** What a decision publishes. */
export function decided({ method, lines, rejected }, figures, lots, winner) {
  const found = { method, winner: winner.code, price_fen: plain(winner.price), failure: null };
  return { ...found, entries: lines, rejected, figures, lots };
}

export function tooFew({ method, lines, rejected }, figures) {
  return { method, winner: null, price_fen: null, failure: "too_few", entries: lines, rejected, figures, lots: [] };
}

/** One lot: a draw of its own with a named purpose, from the round of the notice. */
export async function lot(terms, purpose, entrants, randomness, winners = 1) {
  const input = {
    algorithm: ALGORITHM,
    chain: terms.chain,
    entrants: [...entrants].sort(byCode),
    project: terms.project,
    purpose: terms.no === 1 ? purpose : `${purpose}-${terms.no}`,
    round: terms.round,
    winners,
  };
  const { seed, order, winners: drawn } = await draw(input, randomness);
  return { input, seed, order, winners: drawn };
}

export function once(codes) {
  return codes.map((code) => ({ code, tickets: 1 }));
}

/** Codes of the `count` offers at the front of `ordered`. Where equal ones stand on both sides of the cut, lots decide. */
export async function front(terms, ordered, count, purpose, randomness) {
  if (count === 0 || ordered.length <= count) return { codes: ordered.slice(0, count).map(({ code }) => code), lots: [] };
  const edge = ordered[count - 1].low;
  const surely = ordered.slice(0, count).filter(({ low }) => low !== edge).map(({ code }) => code);
  const equal = ordered.filter(({ low }) => low === edge).map(({ code }) => code);
  if (surely.length + equal.length === count) return { codes: [...surely, ...equal], lots: [] };
  const drawn = await lot(terms, purpose, once(equal), randomness, count - surely.length);
  return { codes: [...surely, ...drawn.winners], lots: [drawn] };
}

/** The only one of these offers, or the one drawn. */
export async function oneOf(terms, equal, purpose, randomness) {
  if (equal.length === 1) return { winner: equal[0], lots: [] };
  const drawn = await lot(terms, purpose, once(equal.map(({ code }) => code)), randomness);
  return { winner: equal.find(({ code }) => code === drawn.winners[0]), lots: [drawn] };
}

/** The offer nearest to the reference; at equal distance the cheaper one; lots among those that are equal. */
export async function nearest(terms, offers, reference, randomness) {
  const rank = ({ price, low }) => [distance(price, reference), low];
  const [first] = offers.map(rank).sort(byRank);
  return oneOf(terms, offers.filter((one) => byRank(rank(one), first) === 0), "tie", randomness);
}

export function byRank(one, other) {
  for (let place = 0; place < one.length; place += 1) {
    const found = compare(one[place], other[place]);
    if (found) return found;
  }
  return 0;
}

export function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function byCode(one, other) {
  return compare(one.code, other.code);
}
