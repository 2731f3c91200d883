// Bytes, hashes and the one spelling of JSON: what every recomputation needs. Works in a page and in Node.
const encoder = new TextEncoder();

/** RFC 8785 text of strings, whole numbers, truth values, nothing, lists and objects: all that a dossier holds. */
export function canonical(value, number = wholeNumber) {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, number)).join(",")}]`;
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "object") {
    // The default sort compares UTF-16 code units, as RFC 8785 demands.
    const members = Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key], number)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number") return number(value);
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return JSON.stringify(value);
  throw new TypeError("a dossier holds only text, whole numbers, truth values, lists and objects");
}

function wholeNumber(value) {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  throw new TypeError("a dossier holds no numbers with a fraction, and none that readers would round");
}

/** The value in these bytes; throws unless they are its one canonical spelling. */
export function parse(bytes) {
  const text = utf8(bytes);
  const value = JSON.parse(text);
  if (canonical(value) !== text) throw new SyntaxError("not canonical JSON");
  return value;
}

/** Text of bytes, no byte of it replaced or left out. */
export function utf8(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

export function bytesOf(text) {
  return encoder.encode(text);
}

/** SHA-256 of the canonical JSON, as hexadecimal. */
export async function hashOf(value) {
  return toHex(await sha256(bytesOf(canonical(value))));
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function hmacKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** HMAC-SHA256 of text or bytes under a key of `hmacKey`. */
export async function hmac(key, message) {
  const bytes = typeof message === "string" ? bytesOf(message) : message;
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new SyntaxError("not lower-case hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
