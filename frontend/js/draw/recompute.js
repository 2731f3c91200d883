// The draw `hmac-draw/1` again, in the reader's own browser: nothing here asks the server for a result.
// Works on a dossier's text; needs Web Crypto (a secure page, or Node).
const QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const SAFETY_PERIODS = 2n;
const encoder = new TextEncoder();

/** RFC 8785 text of strings, whole numbers, lists and objects: all that a dossier holds. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    // The default sort compares UTF-16 code units, as RFC 8785 demands.
    const members = Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`);
    return `{${members.join(",")}}`;
  }
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return JSON.stringify(value);
  throw new TypeError("a dossier holds only text, whole numbers, lists and objects");
}

/** The dossier in these bytes; throws unless they are its one canonical spelling. */
export function read(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const dossier = JSON.parse(text);
  if (canonical(dossier) !== text) throw new SyntaxError("not canonical JSON");
  return dossier;
}

/** Computes everything from D and the signature. `onTicket(ticket, done, total)` may return a promise to slow it down. */
export async function recompute({ input, beacon, pool }, onTicket = () => {}) {
  const randomness = await sha256(fromHex(beacon.signature));
  const seed = await hmac(await hmacKey(randomness), canonical(input));
  const key = await hmacKey(seed);
  const names = new Map(pool.entrants.map(({ code, name }) => [code, name]));
  const total = input.entrants.reduce((sum, { tickets }) => sum + tickets, 0);
  const tickets = [];
  for (const entrant of input.entrants) {
    for (let number = 1; number <= entrant.tickets; number += 1) {
      const value = toHex(await hmac(key, `${entrant.code}/${number}`));
      const ticket = { code: entrant.code, number, value };
      tickets.push(ticket);
      await onTicket({ ...ticket, name: names.get(entrant.code) }, tickets.length, total);
    }
  }
  const order = placesOf(tickets);
  const winners = order.slice(0, input.winners).map(({ code }) => code);
  return { randomness: toHex(randomness), seed: toHex(seed), tickets, order, winners };
}

/** Each claim of the dossier beside what was computed: [{name, ok}]. The pairing is left to the command. */
export async function compare(dossier, computed) {
  const { digest, ...rest } = dossier;
  const { commitment, input, pool, beacon } = dossier;
  const chain = commitment.chain;
  const claims = {
    digest: (await hashOf(rest)) === digest,
    "chain-hash": (await chainHash(chain)) === chain.hash && (chain.beacon_id !== "quicknet" || chain.hash === QUICKNET),
    "input-hash": (await hashOf(input)) === pool.hash,
    input: agrees(dossier),
    round: commitment.round === roundFor(chain, commitment.deadline) && beacon.round === commitment.round,
    randomness: beacon.randomness === computed.randomness,
    seed: dossier.seed === computed.seed,
    tickets: canonical(dossier.tickets) === canonical(computed.tickets),
    order: canonical(dossier.order) === canonical(computed.order),
    winners: canonical(dossier.winners) === canonical(computed.winners),
  };
  return Object.entries(claims).map(([name, ok]) => ({ name, ok }));
}

/** D says the same as the notice and the published pool, and lists every entrant once, sorted by code. */
function agrees({ input, commitment, pool, project, purpose, format }) {
  const codes = input.entrants.map(({ code }) => code);
  return (
    format === "mingxuan-dossier/1" && input.algorithm === "hmac-draw/1" && commitment.algorithm === "hmac-draw/1" &&
    input.chain === commitment.chain.hash && input.round === commitment.round && input.project === project &&
    input.purpose === purpose && canonical(codes) === canonical([...new Set(codes)].sort()) &&
    input.winners >= 1 && input.winners <= codes.length && input.entrants.every(({ tickets }) => tickets >= 1) &&
    canonical(input.entrants) === canonical(pool.entrants.map(({ code, tickets }) => ({ code, tickets })))
  );
}

/** Entrants by their smallest ticket. Equal lengths of hexadecimal compare like the numbers they spell. */
function placesOf(tickets) {
  const best = new Map();
  for (const { code, value } of tickets) if (!best.has(code) || value < best.get(code)) best.set(code, value);
  const places = [...best].map(([code, score]) => ({ code, score }));
  return places.sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : a.code < b.code ? -1 : 1));
}

/** The first round not before the deadline plus two periods; in microseconds, because deadlines have them. */
function roundFor({ period, genesis }, deadline) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(deadline)) return NaN;
  const micros = BigInt(Date.parse(`${deadline.slice(0, 19)}Z`)) * 1000n + BigInt(deadline.slice(20, 26));
  const length = BigInt(period) * 1_000_000n;
  const since = micros + SAFETY_PERIODS * length - BigInt(genesis) * 1_000_000n;
  return since <= 0n ? 1 : Number((since + length - 1n) / length) + 1;
}

async function chainHash({ period, genesis, public_key, group_hash, beacon_id }) {
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setUint32(0, period);
  numbers.setBigInt64(4, BigInt(genesis));
  const name = encoder.encode(beacon_id === "default" ? "" : beacon_id);
  const parts = [new Uint8Array(numbers.buffer), fromHex(public_key), fromHex(group_hash), name];
  return toHex(await sha256(new Uint8Array(parts.flatMap((part) => [...part]))));
}

async function hashOf(value) {
  return toHex(await sha256(encoder.encode(canonical(value))));
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function hmacKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

async function hmac(key, text) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new SyntaxError("not lower-case hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
