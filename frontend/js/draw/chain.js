// What a beacon's parameters say: its chain hash, and which round a deadline calls for.
import { bytesOf, fromHex, sha256, toHex } from "./canonical.js";

const QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const SCHEME = "bls-unchained-g1-rfc9380";
const SAFETY_PERIODS = 2n;
const SECOND = 1_000_000n;

/** Whether the chain hash follows from the parameters, and drand quicknet is named by nobody else. */
export async function chainHolds(chain) {
  return chain.scheme === SCHEME && (await chainHash(chain)) === chain.hash && (chain.beacon_id !== "quicknet" || chain.hash === QUICKNET);
}

export function isQuicknet(chain) {
  return chain.hash === QUICKNET;
}

/** The first round not before the deadline plus two periods; in microseconds, because deadlines have them. */
export function roundFor({ period, genesis }, deadline) {
  const moment = microseconds(deadline);
  if (moment === null) return NaN;
  const length = BigInt(period) * SECOND;
  const since = moment + SAFETY_PERIODS * length - BigInt(genesis) * SECOND;
  return since <= 0n ? 1 : Number((since + length - 1n) / length) + 1;
}

/** When a round becomes public, in microseconds since 1970. */
export function publicAt({ period, genesis }, round) {
  return (BigInt(genesis) + BigInt(round - 1) * BigInt(period)) * SECOND;
}

/** Microseconds since 1970 of a dossier's time; null for any other spelling. */
export function microseconds(text) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text)) return null;
  const whole = Date.parse(`${text.slice(0, 19)}Z`);
  return Number.isNaN(whole) ? null : BigInt(whole) * 1000n + BigInt(text.slice(20, 26));
}

async function chainHash({ period, genesis, public_key, group_hash, beacon_id }) {
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setUint32(0, period);
  numbers.setBigInt64(4, BigInt(genesis));
  const name = bytesOf(beacon_id === "default" ? "" : beacon_id);
  const parts = [new Uint8Array(numbers.buffer), fromHex(public_key), fromHex(group_hash), name];
  return toHex(await sha256(new Uint8Array(parts.flatMap((part) => [...part]))));
}
