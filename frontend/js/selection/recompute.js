// A selection again, in the reader's own browser: from the notice's terms, the frozen pool, the sealed files and the
// beacon's signature to the winner. Works on mingxuan-dossier/2; asks no server for a result.
import { signatureHolds } from "../beacon/signature.js";
import { bytesOf, canonical, fromHex, hashOf, parse, sha256, toHex } from "../draw/canonical.js";
import { chainHolds, microseconds, publicAt, roundFor } from "../draw/chain.js";
import { ALGORITHM } from "../draw/hmac_draw.js";
import { METHODS, announced } from "./methods.js";
import { openBid } from "./seal.js";
import { areTerms, isDossier } from "./shape.js";

const FORMAT = "mingxuan-dossier/2";
/** The dossier in these bytes; throws unless they are its one canonical spelling and of this format. */
export function read(bytes) {
  const dossier = parse(bytes);
  if (dossier?.format !== FORMAT || !isDossier(dossier)) throw new SyntaxError(`not ${FORMAT}`);
  return dossier;
}

/** Computes everything from what is published. Steps that cannot be taken leave null behind.
 *  `onBid(bid, done, total)` may return a promise. `open: false` believes the published amounts (for tests of the rest). */
export async function recompute(dossier, { open = true, onBid = () => {} } = {}) {
  const method = METHODS[dossier.method];
  const randomness = dossier.beacon ? await sha256(fromHex(dossier.beacon.signature)) : new Uint8Array();
  const bids = open ? await openAll(dossier, onBid) : dossier.bids.map(({ code, quoted, fault }) => ({ code, quoted, fault }));
  const entries = await tried(() => method.entries(published(dossier, bids, randomness)));
  const decision = entries && (await tried(() => decide(method, dossier, entries, randomness)));
  return { randomness: toHex(randomness), bids, entries, decision };
}

async function tried(step) {
  try {
    return await step();
  } catch (problem) {
    console.warn(String(problem));
    return null;
  }
}

async function decide(method, { terms }, entries, randomness) {
  if (!announced(method, terms)) throw new Error("the notice does not state all that the method needs");
  return method.decide(terms, entries, randomness);
}

async function openAll(dossier, onBid) {
  const { bids, pool, project, commitment, terms } = dossier;
  const nonces = new Map(pool.entrants.map(({ code, nonce }) => [code, nonce]));
  const opener = dossier.opening ?? dossier.beacon;
  const found = [];
  for (const { code, ciphertext } of bids) {
    const belonging = {
      project, agency: code, round: opener.round, chain: commitment.chain.hash, nonce: nonces.get(code),
      quote: terms.quote, proposals: Boolean(terms.merit),
    };
    const bid = { code, ...(await openBid(ciphertext, opener.signature, belonging)) };
    found.push(bid);
    await onBid(bid, found.length, bids.length);
  }
  return found;
}

/** What entries may follow from, with the amounts that were found and not those that are claimed. */
function published({ terms, pool, evidence, commitment, decided_at }, bids, randomness) {
  const opened = new Map(bids.map((bid) => [bid.code, bid]));
  return {
    terms, evidence, randomness,
    pool: pool.entrants.map(({ code, tickets }) => ({ code, tickets, quoted: opened.get(code)?.quoted ?? null })),
    frozenAt: microseconds(pool.frozen_at),
    deadline: commitment && microseconds(commitment.deadline),
    chain: commitment && commitment.chain,
    decidedAt: microseconds(decided_at),
  };
}

/** Each claim of the dossier beside what was computed: [{name, ok}]. `signed(key, round, signature)` tells the beacon's
 *  own signatures. */
export async function compare(dossier, computed, signed = signatureHolds) {
  const claims = [];
  for (const [name, holds] of Object.entries(dossier.beacon || dossier.commitment ? withBeacon : without)) {
    const ok = Boolean(await tried(() => holds(dossier, computed, signed)));
    claims.push({ name, ok });
  }
  return claims;
}

const every = {
  digest: async ({ digest, ...rest }) => (await hashOf(rest)) === digest,
  method: ({ method, commitment, beacon }) =>
    Object.hasOwn(METHODS, method) && (commitment !== null) === METHODS[method].beacon && (beacon !== null) === METHODS[method].beacon,
};

const lists = {
  terms: ({ terms, project, purpose, commitment, method }) =>
    areTerms(terms) && terms.project === project &&
    purpose === (terms.no === 1 ? "award" : `award-${terms.no}`) && terms.chain === (commitment?.chain.hash ?? "") &&
    terms.round === (commitment?.round ?? 0) && announced(METHODS[method], terms),
  "pool-hash": async ({ pool, project, purpose, commitment }) => pool.hash === (await hashOf({
    chain: commitment?.chain.hash ?? null,
    entrants: pool.entrants.map(({ code, nonce, sealed_sha256, tickets }) => ({ code, nonce, sealed_sha256, tickets })),
    project, purpose, round: commitment?.round ?? null, salt: pool.salt,
  })),
  pool: ({ pool }) => explained(pool),
  times,
};

const result = {
  entries: ({ entries, pool }, computed) =>
    canonical(entries) === canonical(computed.entries) &&
    canonical(entries.map(({ code }) => code)) === canonical(pool.entrants.map(({ code }) => code)),
  decision: ({ decision }, computed) => canonical(decision) === canonical(computed.decision),
  winner: ({ decision, pool }, computed) =>
    computed.decision !== null && decision.winner === computed.decision.winner &&
    (decision.winner === null || pool.entrants.some(({ code }) => code === decision.winner)),
};

const withBeacon = {
  ...every,
  "chain-hash": ({ commitment }) => chainHolds(commitment.chain),
  round: ({ commitment, beacon }) =>
    commitment.algorithm === ALGORITHM && commitment.round === roundFor(commitment.chain, commitment.deadline) && beacon.round === commitment.round,
  signature: async ({ commitment: { chain }, beacon, opening }, _, signed) =>
    (await signed(chain.public_key, beacon.round, beacon.signature)) &&
    (!opening || (await signed(chain.public_key, opening.round, opening.signature))),
  randomness: ({ beacon }, computed) => beacon.randomness === computed.randomness,
  ...lists,
  sealed: async ({ bids, pool }) => {
    const frozen = pool.entrants.filter((one) => one.sealed_sha256 !== null).map(({ code, sealed_sha256 }) => [code, sealed_sha256]);
    const found = await Promise.all(bids.map(async ({ code, ciphertext }) => [code, toHex(await sha256(bytesOf(ciphertext)))]));
    return canonical(frozen) === canonical(found);
  },
  opened: ({ bids, opening, commitment, terms }, computed) =>
    canonical(bids.map(({ code, quoted, fault }) => ({ code, quoted, fault }))) === canonical(computed.bids) &&
    (!opening || (opening.round < commitment.round && terms.no > 1)),
  ...result,
};

const without = {
  ...every,
  "no-beacon": ({ bids, opening }) => bids.length === 0 && opening === null,
  ...lists,
  ...result,
};

/** Sorted by code and each once, with names, tickets and whole sealed bids; nobody is left out without a reason. */
function explained({ entrants, excluded, salt }) {
  const codes = entrants.map(({ code }) => code);
  const left = excluded.map(({ code }) => code);
  const nonces = entrants.map(({ nonce }) => nonce).filter((nonce) => nonce !== null);
  return (
    ascending(codes) && ascending(left) && !left.some((code) => codes.includes(code)) && new Set(nonces).size === nonces.length &&
    /^[0-9a-f]{32,128}$/.test(salt) && [...entrants, ...excluded].every(({ name }) => name !== "") &&
    excluded.every(({ reason }) => reason !== "") && entrants.every((one) => one.tickets >= 1 && wholeSeal(one))
  );
}

function wholeSeal({ nonce, sealed_sha256 }) {
  if (nonce === null || sealed_sha256 === null) return nonce === sealed_sha256;
  return /^[0-9a-f]{32}$/.test(nonce) && /^[0-9a-f]{64}$/.test(sealed_sha256);
}

function ascending(codes) {
  return canonical(codes) === canonical([...new Set(codes)].sort());
}

/** The notice before its deadline; the frozen pool and the round before the decision. */
function times({ method, commitment, pool, decided_at }) {
  const [frozen, decided] = [microseconds(pool.frozen_at), microseconds(decided_at)];
  if (frozen === null || decided === null || frozen > decided) return false;
  if (!commitment) return true;
  const [committed, deadline] = [microseconds(commitment.committed_at), microseconds(commitment.deadline)];
  if (committed === null || deadline === null) return false;
  return committed <= deadline && (METHODS[method].live || deadline <= frozen) && publicAt(commitment.chain, commitment.round) <= decided;
}
