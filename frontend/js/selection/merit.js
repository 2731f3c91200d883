// Merit: the panel follows from the round, its marks, the price and the credit score are weighed as one fraction.
import { signatureHolds } from "../beacon/signature.js";
import { canonical, fromHex, hashOf, sha256 } from "../draw/canonical.js";
import { microseconds, publicAt, roundFor } from "../draw/chain.js";
import { Refused, byCode, byRank, compare, decided, figure, halfUp, judge, line, lot, needed, oneOf, plain, tooFew } from "./arithmetic.js";

const FULL_MARK = 100;
const ENDS = [null, "declined", "absent", "conflict"];

export const merit = { entries, decide };

/** Entries with marks and credit: each expert of the panel marked each valid bid on each criterion, once. */
async function entries({ terms, pool, evidence, randomness, chain, decidedAt }) {
  const valid = judge(terms, pool).offers.map(({ code }) => code);
  const bare = pool.map(({ code, quoted, tickets }) => ({ code, quoted, tickets }));
  if (valid.length < needed(terms)) {
    if (evidence !== null) throw new Refused("nobody scores where too few bids are valid");
    return bare;
  }
  if (!evidence || canonical(Object.keys(evidence).sort()) !== '["credit","marks","panel"]') throw new Refused("the evidence is incomplete");
  const experts = await scoringExperts(evidence.panel, { terms, randomness, chain, decidedAt });
  const marks = marksOf(evidence.marks, experts, valid, terms.merit);
  if (canonical(Object.keys(evidence.credit).sort()) !== canonical([...valid].sort())) throw new Refused("a credit score is missing");
  const scores = Object.values(evidence.credit);
  if (!scores.every((score) => score === null || (Number.isSafeInteger(score) && score >= 0))) throw new Refused("a credit score is none");
  return bare.map((entry) => {
    if (!marks.has(entry.code)) return entry;
    const credit = evidence.credit[entry.code];
    const found = { ...entry, marks: marks.get(entry.code) };
    return credit === null ? found : { ...found, credit };
  });
}

/** The experts who scored, by code. The order is drawn from the frozen candidates; nobody is asked out of turn. */
async function scoringExperts(panel, known) {
  const { terms, randomness } = known;
  const seats = terms.merit.panel_size;
  const { members, further = [] } = panel;
  const drawn = await orderOf(panel, "experts", terms, randomness, seats);
  for (const [index, one] of further.entries()) drawn.push(...(await furtherOrder(one, index + 2, drawn, known)));
  const inTurn = members.every(({ expert, place, end }, index) => place === index + 1 && expert === drawn[index] && ENDS.includes(end));
  const seated = members.filter(({ end }) => end === null).map(({ expert }) => expert);
  if (!inTurn || seated.length !== seats) throw new Refused("experts were not asked in the drawn order");
  return seated.sort();
}

/** All candidates of one draw in the order in which they are asked. */
async function orderOf({ input, size, salt, hash, order }, purpose, terms, randomness, seats) {
  const candidates = input.entrants.map(({ code }) => code).sort();
  const made = await lot(terms, purpose, candidates.map((code) => ({ code, tickets: 1 })), randomness, seats);
  const { chain, project, round } = made.input;
  const frozen = await hashOf({ candidates, chain, project, purpose: made.input.purpose, round, salt, size: seats });
  const drawn = made.order.map(({ code }) => code);
  if (canonical([input, size, hash, order]) !== canonical([made.input, seats, frozen, drawn])) {
    throw new Refused("the order of the experts does not follow from the frozen candidates and the round");
  }
  return drawn;
}

/** A further order, for seats that stayed empty: its round is the one that its time calls for, and the beacon signed it. */
async function furtherOrder(one, number, before, { terms, chain, decidedAt }) {
  const { no, cause, frozen_at, round, signature, size } = one;
  const called = round === roundFor(chain, frozen_at) && round > terms.round && publicAt(chain, round) <= decidedAt;
  if (no !== number || cause !== "order_used_up" || !called) throw new Refused("a further order of experts has another cause or round");
  if (!Number.isSafeInteger(size) || size < 1 || size > terms.merit.panel_size) throw new Refused("a further order fills empty seats");
  if (microseconds(frozen_at) === null || !(await signatureHolds(chain.public_key, round, signature))) {
    throw new Refused("the beacon did not sign the round of a further order of experts");
  }
  const drawn = await orderOf(one, `experts-draw-${no}`, { ...terms, round }, await sha256(fromHex(signature)), size);
  if (drawn.some((code) => before.includes(code))) throw new Refused("an expert is in two orders of one panel");
  return drawn;
}

function marksOf(lines, experts, codes, { criteria }) {
  const given = new Map(lines.map(({ agency, expert, criterion, mark }) => [canonical([agency, expert, criterion]), mark]));
  const rows = codes.map((code) => [code, experts.map((expert) => criteria.map(({ no }) => given.get(canonical([code, expert, no]))))]);
  const asked = codes.length * experts.length * criteria.length;
  const whole = rows.every(([, found]) => found.flat().every((mark) => Number.isSafeInteger(mark) && mark >= 0 && mark <= FULL_MARK));
  if (!whole || lines.length !== asked || given.size !== asked) throw new Refused("each expert marks each valid bid on each criterion, once");
  return new Map(rows);
}

async function decide(terms, given, randomness) {
  const { offers, rejected } = judge(terms, given);
  const found = { method: "merit", rejected };
  const counted = figure("valid_bids", offers.length, "count");
  if (offers.length < needed(terms)) return tooFew({ ...found, lines: offers.map((one) => line(one)) }, [counted]);
  const handed = new Map(given.map((entry) => [entry.code, entry]));
  const low = offers.map(({ price }) => price).sort(compare)[0];
  const points = new Map(offers.map(({ code, price }) => [code, reckon(terms.merit, handed.get(code), price, low)]));
  const rank = ({ code, low: cheap }) => [-points.get(code).total, cheap];
  const ordered = [...offers].sort((a, b) => byRank(rank(a), rank(b)) || byCode(a, b));
  const equal = ordered.filter((one) => byRank(rank(one), rank(ordered[0])) === 0);
  const { winner, lots } = await oneOf(terms, equal, "tie", randomness);
  const lines = ordered.map((one) => line(one, "counted", null, points.get(one.code)));
  const figures = [counted, figure("experts", terms.merit.panel_size, "count"), figure("lowest_price", low, "fen")];
  return decided({ ...found, lines }, figures, lots, winner);
}

/** What one offer earns, in ten-thousandths of a point: each part rounded by itself, the total from the exact sum. */
function reckon({ criteria, price_weight, credit_weight, credit_full, credit_neutral }, { marks, credit = null }, price, low) {
  const quality = criteria.reduce((all, { weight }, place) => all + weight * marks.reduce((rows, row) => rows + row[place], 0), 0);
  const known = credit === null ? credit_neutral : Math.min(credit, credit_full);
  const parts = [
    [BigInt(quality), BigInt(marks.length)],
    [BigInt(price_weight * FULL_MARK) * low, price],
    [BigInt(credit_weight * FULL_MARK * known), BigInt(credit_full)],
  ];
  const below = parts.reduce((all, part) => all * part[1], 1n);
  const above = parts.reduce((all, part) => all + part[0] * (below / part[1]), 0n);
  const [quality_, price_, credit_] = parts.map((part) => plain(halfUp(...part)));
  return { criteria: quality_, price: price_, credit: credit_, total: plain(halfUp(above, below)) };
}
