// Every method of selection once more, from its published rule: {entries, decide} by code.
import {
  Refused, WHOLE, byRank, decided, distance, figure, front, halfUp, judge, line, lot, nearest, needed, once, oneOf, sum, tooFew,
} from "./arithmetic.js";
import { merit } from "./merit.js";
import { multiRound } from "./multi_round.js";

/** `entries(published)` makes the entries of what is published, `decide(terms, entries, randomness)` the decision.
 *  `beacon`: a round opens bids or decides lots; `live`: bidding starts after the pool is frozen. */
export const METHODS = {
  lowest_price: sealed(lowestPrice, { floor: true }),
  best_price: sealed(bestPrice),
  average_price: sealed(averagePrice),
  price_then_draw: sealed(priceThenDraw),
  merit: { beacon: true, needs: ["limits", "merit"], ...merit },
  multi_round: { beacon: true, live: true, needs: ["limits", "floor"], ...multiRound },
  direct: named("direct", ["reason"]),
  outside_tender: named("outside_tender", ["notice_number", "platform", "files"]),
};

function sealed(decide, { floor = false } = {}) {
  return { beacon: true, needs: floor ? ["limits", "floor"] : ["limits"], entries: entriesOfPool, decide };
}

/** Whether the notice states all that the method needs. A discount has a largest value as a price has a floor. */
export function announced({ needs }, terms) {
  const stated = {
    price: terms.price_fen !== null,
    limits: terms.limits !== null,
    floor: terms.limits !== null && (terms.limits.floor_fen > 0 || terms.quote === "discount"),
    merit: Boolean(terms.merit),
  };
  return needs.every((need) => stated[need]);
}

/** One entry for each member of the pool with what its bid opened to. */
function entriesOfPool({ pool, evidence }) {
  if (evidence !== null) throw new Refused("this method decides without evidence of its own");
  return pool.map(({ code, quoted, tickets }) => ({ code, quoted, tickets }));
}

async function lowestPrice(terms, entries, randomness) {
  const { offers, rejected } = judge(terms, entries);
  const found = { method: "lowest_price", rejected, lines: offers.map((one) => line(one)) };
  const counted = figure("valid_bids", offers.length, "count");
  if (offers.length < needed(terms)) return tooFew(found, [counted]);
  const equal = offers.filter(({ low }) => low === offers[0].low);
  const { winner, lots } = await oneOf(terms, equal, "tie", randomness);
  const lowest = figure("lowest_price", offers[0].price, "fen");
  return decided(found, [counted, lowest, figure("equal_bids", equal.length, "count")], lots, winner);
}

async function averagePrice(terms, entries, randomness) {
  const { offers, rejected } = judge(terms, entries);
  const counted = figure("valid_bids", offers.length, "count");
  const method = "average_price";
  if (offers.length < needed(terms)) return tooFew({ method, rejected, lines: offers.map((one) => line(one)) }, [counted]);
  const total = sum(offers.map(({ price }) => price));
  const mean = halfUp(total, BigInt(offers.length));
  const { winner, lots } = await nearest(terms, offers, mean, randomness);
  const lines = offers.map((one) => line(one, "counted", distance(one.price, mean)));
  const figures = [counted, figure("total", total, "fen"), figure("mean", mean, "fen")];
  return decided({ method, rejected, lines }, figures, lots, winner);
}

async function bestPrice(terms, entries, randomness) {
  const { offers, rejected } = judge(terms, entries);
  const method = "best_price";
  const counted = figure("valid_bids", offers.length, "count");
  if (offers.length < needed(terms)) return tooFew({ method, rejected, lines: offers.map((one) => line(one)) }, [counted]);
  const { notes, lots: dropLots } = await leftOut(terms, offers, randomness);
  const kept = offers.filter(({ code }) => !notes.has(code));
  const shares = terms.numbers.base_shares.map((share) => ({ code: String(share), tickets: 1 }));
  const shareLot = await lot(terms, "base-price", shares, randomness);
  const share = BigInt(shareLot.winners[0]);
  const total = sum(kept.map(({ price }) => price));
  const unit = 10n ** BigInt(2 - terms.numbers.decimals);
  const reference = halfUp(total * share, BigInt(kept.length) * WHOLE * unit) * unit;
  const { winner, lots } = await nearest(terms, kept, reference, randomness);
  const lines = offers.map((one) =>
    notes.has(one.code) ? line(one, notes.get(one.code)) : line(one, "counted", distance(one.price, reference)),
  );
  const figures = [
    counted,
    figure("counted_bids", kept.length, "count"),
    figure("total", total, "fen"),
    figure("mean", halfUp(total, BigInt(kept.length)), "fen"),
    figure("base_share", share, "basis_points"),
    figure("reference_price", reference, "fen"),
  ];
  return decided({ method, rejected, lines }, figures, [...dropLots, shareLot, ...lots], winner);
}

/** Which bids are left out at either end, and why each. */
async function leftOut(terms, offers, randomness) {
  const { drop_from: from, drop_lowest: lowest, drop_highest: highest } = terms.numbers;
  if (offers.length < from) return { notes: new Map(), lots: [] };
  const low = await front(terms, offers, lowest, "drop-lowest", randomness);
  const rest = offers.filter(({ code }) => !low.codes.includes(code));
  const dearest = [...rest].sort((a, b) => byRank([-a.low], [-b.low]));
  const high = await front(terms, dearest, highest, "drop-highest", randomness);
  const notes = [...low.codes.map((code) => [code, "dropped_lowest"]), ...high.codes.map((code) => [code, "dropped_highest"])];
  return { notes: new Map(notes), lots: [...low.lots, ...high.lots] };
}

async function priceThenDraw(terms, entries, randomness) {
  const { offers, rejected } = judge(terms, entries);
  const method = "price_then_draw";
  const counted = figure("valid_bids", offers.length, "count");
  if (offers.length < needed(terms)) return tooFew({ method, rejected, lines: offers.map((one) => line(one)) }, [counted]);
  const { codes, lots } = await front(terms, offers, terms.numbers.keep, "shortlist", randomness);
  const award = await lot(terms, "award", once(codes), randomness);
  const winner = offers.find(({ code }) => code === award.winners[0]);
  const lines = offers.map((one) => line(one, codes.includes(one.code) ? "shortlisted" : "not_shortlisted"));
  return decided({ method, rejected, lines }, [counted, figure("shortlisted", codes.length, "count")], [...lots, award], winner);
}

/** Methods whose notice names the agency: it gets the fixed price, or nobody does. */
function named(method, stated) {
  return {
    beacon: false,
    needs: ["price"],
    entries({ pool, evidence }) {
      const complete = evidence && Object.keys(evidence).length === stated.length && stated.every((name) => notEmpty(evidence[name]));
      if (!complete) throw new Refused(`the notice states: ${stated.join(", ")}`);
      return pool.map(({ code, tickets }) => ({ code, quoted: null, tickets }));
    },
    async decide(terms, entries) {
      if (entries.length > 1) throw new Refused("the notice names one agency");
      const offers = entries.map(({ code }) => ({ code, quoted: null, price: BigInt(terms.price_fen) }));
      const found = { method, rejected: [], lines: offers.map((one) => line(one)) };
      return offers.length ? decided(found, [], [], offers[0]) : tooFew(found, []);
    },
  };
}

/** As Python judges: no text, list or object without contents, no nought, no nothing. */
function notEmpty(value) {
  return value !== null && typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value);
}
