// A proposal that nobody can read before the bids open: what projects/experts/proposals.py does, with WebCrypto.
//   file  = "MXP1" ‖ nonce (12) ‖ AES-256-GCM(key, nonce, plain, additional data)
//   plain = length of the name in bytes (2, big-endian) ‖ name (UTF-8) ‖ content
const MAGIC = new TextEncoder().encode("MXP1");
const ASSOCIATED = new TextEncoder().encode("mingxuan-proposal/1");
const NONCE_BYTES = 12;
const LONGEST_NAME = 480;

/** Encrypts under a fresh key. `content`: Uint8Array. Answers {file: Uint8Array, seal: {key, sha256}}; the seal goes into
 *  the bid (bids/text.js), the file travels beside it. */
export async function encryptProposal(name, content) {
  const label = nameBytes(name);
  const plain = joined(new Uint8Array([label.length >> 8, label.length & 255]), label, content);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const used = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: ASSOCIATED, tagLength: 128 };
  const file = joined(MAGIC, nonce, new Uint8Array(await crypto.subtle.encrypt(algorithm, used, plain)));
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", file));
  return { file, seal: { key: hex(key), sha256: hex(sha256) } };
}

/** The name's UTF-8, cut between characters where it is too long. */
function nameBytes(name) {
  let kept = Array.from(name);
  let bytes = new TextEncoder().encode(kept.join(""));
  while (bytes.length > LONGEST_NAME) {
    kept = kept.slice(0, -1);
    bytes = new TextEncoder().encode(kept.join(""));
  }
  return bytes;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
