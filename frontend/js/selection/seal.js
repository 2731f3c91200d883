// Opens a sealed bid with the published signature of its round, and says what it is or why it does not count.
// The pairing and the payload's cipher are those of the npm package tlock-js; the form is judged here, as strictly as
// the market judges it. Faults have the names that the dossier uses.
import { bls12_381 } from "@noble/curves/bls12-381";
import { STREAM } from "tlock-js/age/stream-cipher.js";
import { decryptOnG2 } from "tlock-js/crypto/ibe.js";
import { strictPoint } from "../beacon/signature.js";
import { bytesOf, canonical, fromHex, hmac, hmacKey, toHex, utf8 } from "../draw/canonical.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----\n";
const END = "\n-----END AGE ENCRYPTED FILE-----\n";
const HEADER = /^age-encryption\.org\/v1\n-> tlock ([1-9][0-9]{0,15}) ([0-9a-f]{64})\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})\n--- ([A-Za-z0-9+/]{43})\n/;
const MOST_CHARACTERS = 8192;
const PADDED_BYTES = 2048;
const MOST_BRACKETS = 100;
const POINT_BYTES = 96;
const KEY_BYTES = 16;
const TAG_BYTES = 16;
const MEMBERS = ["agency", "amount", "chain", "nonce", "project", "quote", "round", "v"];
const PROPOSAL = ["proposal_key", "proposal_sha256"];
const BELONGS = { project: "other_project", agency: "other_agency", round: "other_round", chain: "other_round", nonce: "other_nonce" };

class Fault extends Error {}

/** {quoted, fault}: the amount (fen or basis points) of an armored bid, or why it does not count.
 *  `belonging`: {project, agency, round, chain, nonce, quote}, as known before it opened; `proposals`: whether the method
 *  asks for one. */
export async function openBid(ciphertext, signature, belonging) {
  try {
    const file = judge(ciphertext, belonging);
    const key = await fileKey(file, fromHex(signature));
    return { quoted: readBid(await payload(file, key), belonging), fault: null };
  } catch (problem) {
    if (problem instanceof Fault) return { quoted: null, fault: problem.message };
    throw problem;
  }
}

function judge(armored, { round, chain }) {
  if ([...armored].length > MOST_CHARACTERS) throw new Fault("too_long");
  const file = decode(unarmor(armored));
  if (file.chain !== chain) throw new Fault("other_chain");
  if (file.round !== String(round)) throw new Fault("other_round");
  if (file.body.length !== POINT_BYTES + 2 * KEY_BYTES) throw new Fault("sealed_key");
  try {
    strictPoint(bls12_381.G2.ProjectivePoint, file.body.slice(0, POINT_BYTES));
  } catch {
    throw new Fault("point");
  }
  return file;
}

function unarmor(text) {
  if (!text.startsWith(BEGIN) || !text.endsWith(END) || text.length < BEGIN.length + END.length) throw new Fault("not_age");
  const data = decode64(text.slice(BEGIN.length, -END.length).replaceAll("\n", ""));
  if (BEGIN + columns(encode64(data)).join("\n") + END !== text) throw new Fault("not_age");
  return data;
}

/** The parts of a file whose every byte is as it must be. The header is ASCII, so characters are bytes. */
function decode(data) {
  const text = binary(data);
  const found = HEADER.exec(text);
  if (!found) throw new Fault("not_age");
  const [header, round, chain, lines, code] = found;
  const payload = data.slice(header.length);
  if (payload.length <= KEY_BYTES + TAG_BYTES || payload.length >= KEY_BYTES + 65536 + TAG_BYTES) throw new Fault("not_age");
  const body = decodeBare(lines.replaceAll("\n", ""));
  const mac = decodeBare(code);
  const covered = covers(round, chain, body);
  if (mac.length !== 32 || `${covered} ${bare(mac)}\n` !== header) throw new Fault("not_age");
  return { round, chain, body, mac, covered, payload };
}

/** Everything up to the three dashes: what the header's code covers. A full last line is followed by an empty one. */
function covers(round, chain, body) {
  const lines = columns(bare(body));
  const ending = lines.at(-1)?.length === 64 ? "\n\n" : "\n";
  return `age-encryption.org/v1\n-> tlock ${round} ${chain}\n${lines.join("\n")}${ending}---`;
}

async function fileKey({ body, covered, mac }, signature) {
  const parts = { U: body.slice(0, 96), V: body.slice(96, 112), W: body.slice(112) };
  let key;
  try {
    key = await decryptOnG2(signature, parts);
  } catch {
    throw new Fault("not_for_round");
  }
  const code = await hmac(await hmacKey(await derive(key, "", "header")), covered);
  if (toHex(code) !== toHex(mac)) throw new Fault("altered");
  return key;
}

async function payload({ payload: data }, key) {
  const stream = await derive(key, data.slice(0, KEY_BYTES), "payload");
  try {
    return STREAM.open(data.slice(KEY_BYTES), stream);
  } catch {
    throw new Fault("altered");
  }
}

async function derive(key, salt, purpose) {
  const material = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: typeof salt === "string" ? bytesOf(salt) : salt, info: bytesOf(purpose) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, 256));
}

/** The amount in the opened text, if it belongs where it was handed in. */
function readBid(bytes, belonging) {
  const bid = readText(bytes);
  const names = belonging.proposals ? [...MEMBERS, ...PROPOSAL].sort() : MEMBERS;
  if (canonical(Object.keys(bid).sort()) !== canonical(names) || bid.v !== 1 || bid.quote !== belonging.quote) throw new Fault("other_form");
  for (const [name, fault] of Object.entries(BELONGS)) if (bid[name] !== belonging[name]) throw new Fault(fault);
  if (belonging.proposals && !PROPOSAL.every((name) => /^[0-9a-f]{64}$/.test(hexOf(bid[name])))) throw new Fault("no_proposal");
  const found = typeof bid.amount === "string" && /^(0|[1-9][0-9]{0,12})\.([0-9]{2})$/.exec(bid.amount);
  if (!found) throw new Fault("no_amount");
  return Number(BigInt(found[1]) * 100n + BigInt(found[2]));
}

function hexOf(value) {
  return typeof value === "string" ? value : "";
}

/** Canonical JSON, then spaces up to the fixed length: exactly one spelling. */
function readText(bytes) {
  const brackets = bytes.reduce((sum, byte) => sum + (byte === 0x5b || byte === 0x7b), 0);
  if (bytes.length !== PADDED_BYTES || brackets > MOST_BRACKETS) throw new Fault("unreadable");
  try {
    const text = utf8(bytes);
    const bid = JSON.parse(text);
    if (typeof bid !== "object" || bid === null || Array.isArray(bid)) throw new Fault("unreadable");
    const padded = canonical(bid, anyNumber);
    if (padded + " ".repeat(Math.max(0, PADDED_BYTES - bytesOf(padded).length)) !== text) throw new Fault("unreadable");
    return bid;
  } catch {
    throw new Fault("unreadable");
  }
}

/** Numbers as RFC 8785 writes them; whole ones that readers would round are refused. */
function anyNumber(value) {
  const rounded = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
  if (!Number.isFinite(value) || rounded) throw new TypeError("no number that everybody reads alike");
  return JSON.stringify(value);
}

function columns(text) {
  return text.match(/.{1,64}/g) ?? [];
}

function binary(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function encode64(bytes) {
  return btoa(binary(bytes));
}

function bare(bytes) {
  return encode64(bytes).replace(/=+$/, "");
}

function decode64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Fault("not_age");
  }
}

function decodeBare(text) {
  return decode64(text + "=".repeat((4 - (text.length % 4)) % 4));
}
