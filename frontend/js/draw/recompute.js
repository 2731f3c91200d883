// A draw again, in the reader's own browser: nothing here asks the server for a result.
// Works on the dossier of a draw (mingxuan-dossier/1); needs Web Crypto (a secure page, or Node).
import { canonical, fromHex, hashOf, parse, sha256, toHex } from "./canonical.js";
import { chainHolds, roundFor } from "./chain.js";
import { ALGORITHM, draw } from "./hmac_draw.js";

/** The dossier in these bytes; throws unless they are its one canonical spelling. */
export function read(bytes) {
  const dossier = parse(bytes);
  if (holdsNothing(dossier)) throw new TypeError("the dossier of a draw holds only text, whole numbers and lists");
  return dossier;
}

function holdsNothing(value) {
  if (value === null || typeof value === "boolean") return true;
  return typeof value === "object" && Object.values(value).some(holdsNothing);
}

/** Computes everything from D and the signature. `onTicket(ticket, done, total)` may return a promise to slow it down. */
export async function recompute({ input, beacon, pool }, onTicket = () => {}) {
  const names = new Map(pool.entrants.map(({ code, name }) => [code, name]));
  const randomness = await sha256(fromHex(beacon.signature));
  const found = await draw(input, randomness, (ticket, done, total) =>
    onTicket({ ...ticket, name: names.get(ticket.code) }, done, total),
  );
  return { randomness: toHex(randomness), ...found };
}

/** Each claim of the dossier beside what was computed: [{name, ok}]. `signed(key, round, signature)` tells the beacon's own
 *  signatures; without it that one claim is left out. */
export async function compare(dossier, computed, signed = null) {
  const { digest, ...rest } = dossier;
  const { commitment, input, pool, beacon } = dossier;
  const claims = {
    digest: (await hashOf(rest)) === digest,
    "chain-hash": await chainHolds(commitment.chain),
    "input-hash": (await hashOf(input)) === pool.hash,
    input: agrees(dossier),
    round: commitment.round === roundFor(commitment.chain, commitment.deadline) && beacon.round === commitment.round,
    ...(signed && { signature: await signed(commitment.chain.public_key, beacon.round, beacon.signature) }),
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
    format === "mingxuan-dossier/1" && input.algorithm === ALGORITHM && commitment.algorithm === ALGORITHM &&
    input.chain === commitment.chain.hash && input.round === commitment.round && input.project === project &&
    input.purpose === purpose && canonical(codes) === canonical([...new Set(codes)].sort()) &&
    input.winners >= 1 && input.winners <= codes.length && input.entrants.every(({ tickets }) => tickets >= 1) &&
    canonical(input.entrants) === canonical(pool.entrants.map(({ code, tickets }) => ({ code, tickets })))
  );
}
