// Multi-round bidding: live bids from the evidence, sealed reserve prices from the opened bids; the better one is final.
import { Refused, decided, figure, judge, line, needed, oneOf, tooFew } from "./arithmetic.js";

const MINUTE = 60_000_000n;

export const multiRound = { entries, decide };

function entries(published) {
  const best = new Map(published.pool.map(({ code }) => [code, []]));
  for (const round of roundsOf(published)) {
    for (const [code, quoted] of bestsOf(published.terms, round, best)) best.get(code).push(quoted);
  }
  return published.pool.map(({ code, tickets, quoted }) => {
    const found = { code, quoted: null, tickets };
    if (best.get(code).length) found.live = best.get(code);
    return quoted === null ? found : { ...found, reserve: quoted };
  });
}

/** The rounds lie back to back, as many and as long as announced, after the freeze, and end with the deadline. */
function roundsOf({ terms, evidence, frozenAt, deadline }) {
  const { bidding } = terms;
  if (!bidding) throw new Refused("the notice does not say how many rounds of bidding there are");
  if (!evidence || Object.keys(evidence).length !== 1 || !Array.isArray(evidence.rounds)) throw new Refused("live bids are published round by round");
  const length = BigInt(bidding.minutes) * MINUTE;
  const rounds = evidence.rounds.map(({ no, starts_at, ends_at, bids }) => ({ no, starts: momentOf(starts_at), ends: momentOf(ends_at), bids }));
  const announced = rounds.length === bidding.rounds && rounds.every(({ no, starts, ends }, place) =>
    no === place + 1 && starts === rounds[0].starts + BigInt(place) * length && ends === starts + length);
  if (!announced) throw new Refused("the rounds of bidding are not those of the notice");
  const [first, last] = [rounds[0].starts, rounds.at(-1).ends];
  const within = terms.no === 1 ? first >= frozenAt && last === deadline : last <= deadline;
  if (!within) throw new Refused("the rounds of bidding do not lie between the freeze and the deadline");
  return rounds;
}

/** code -> its best bid of one round; each bid must better the bidder's last. `before`: its bests until then. */
function bestsOf(terms, { starts, ends, bids }, before) {
  const found = new Map();
  let arrived = starts;
  for (const { code, quoted, at } of bids) {
    const moment = momentOf(at);
    if (!before.has(code) || !Number.isSafeInteger(quoted)) throw new Refused("a live bid is of nobody in the pool");
    if (moment < arrived || moment >= ends) throw new Refused("a live bid did not arrive within its round");
    const last = found.get(code) ?? before.get(code).at(-1);
    if (last !== undefined && !better(terms, quoted, last)) throw new Refused("a live bid is no better than the last");
    if (judge(terms, [{ code, quoted }]).rejected.length) throw new Refused("a live bid lies outside the limits");
    found.set(code, quoted);
    arrived = moment;
  }
  return found;
}

async function decide(terms, given, randomness) {
  const finals = given.map((entry) => finalOf(terms, entry));
  const { offers, rejected } = judge(terms, finals);
  const spoilt = new Set(finals.filter((one) => one.spoilt).map(({ code }) => code));
  const lines = offers.map((one) => line(one, spoilt.has(one.code) ? "reserve_invalid" : "counted"));
  const found = { method: "multi_round", rejected, lines };
  const figures = [
    figure("live_bidders", finals.filter(({ live }) => live.length).length, "count"),
    figure("reserve_prices", finals.filter(({ reserve }) => reserve !== null).length, "count"),
    figure("valid_bids", offers.length, "count"),
  ];
  if (offers.length < needed(terms)) return tooFew(found, figures);
  const equal = offers.filter(({ low }) => low === offers[0].low);
  const { winner, lots } = await oneOf(terms, equal, "tie", randomness);
  figures.push(figure("lowest_price", offers[0].price, "fen"), figure("equal_bids", equal.length, "count"));
  return decided(found, figures, lots, winner);
}

/** The better of the best live bid and the reserve price; a reserve outside the limits takes nothing from live bids. */
function finalOf(terms, { code, live = [], reserve = null }) {
  const spoilt = reserve !== null && judge(terms, [{ code, quoted: reserve }]).rejected.length > 0;
  const counting = reserve === null || (spoilt && live.length) ? live : [...live, reserve];
  const quoted = counting.length ? counting.reduce((one, other) => (better(terms, other, one) ? other : one)) : null;
  return { code, quoted, live, reserve, spoilt };
}

function better({ quote }, quoted, than) {
  return quote === "price" ? quoted < than : quoted > than;
}

/** Microseconds since 1970 of a time with its zone, as live bids state theirs. */
function momentOf(text) {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const whole = found ? Date.parse(found[1] + found[3]) : NaN;
  if (Number.isNaN(whole)) throw new Refused("a time is not readable");
  return BigInt(whole) * 1000n + BigInt((found[2] ?? "").padEnd(6, "0"));
}
