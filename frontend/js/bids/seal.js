// Seals a text to a beacon round with the npm package tlock-js. Only what encrypts is imported: nothing here can fetch.
import { sha256 } from "@noble/hashes/sha256";
import { Buffer } from "buffer";
import { encryptAge } from "tlock-js/age/age-encrypt-decrypt.js";
import { encodeArmor } from "tlock-js/age/armor.js";
import { createTimelockEncrypter } from "tlock-js/drand/timelock-encrypter.js";

// The public network, pinned here and not taken from any server.
export const QUICKNET = Object.freeze({
  publicKey:
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c" +
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb" +
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  period: 3,
  genesis: 1692803367,
  groupHash: "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
  beaconId: "quicknet",
  scheme: "bls-unchained-g1-rfc9380",
});
export const QUICKNET_HASH = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";

/** The hash that follows from a beacon's parameters, in drand's order; lower-case hexadecimal. */
export function chainHash({ publicKey, period, genesis, groupHash, beaconId }) {
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(period, 0);
  numbers.writeBigInt64BE(BigInt(genesis), 4);
  const name = Buffer.from(beaconId === "default" ? "" : beaconId, "ascii");
  return hexSha256(Buffer.concat([numbers, Buffer.from(publicKey, "hex"), Buffer.from(groupHash, "hex"), name]));
}

/** Whether parameters are what their hash says; those of a beacon that is no demonstration must be the pinned ones. */
export function chainHolds(chain, hash, { demonstration }) {
  if (chain.scheme !== QUICKNET.scheme || chainHash(chain) !== hash) return false;
  if (demonstration && hash !== QUICKNET_HASH) return true;
  return hash === QUICKNET_HASH && Object.keys(QUICKNET).every((name) => chain[name] === QUICKNET[name]);
}

/** An armored age file that opens with the beacon's signature of `round`. */
export async function seal(text, chain, round) {
  const info = { public_key: chain.publicKey, schemeID: chain.scheme, hash: chainHash(chain) };
  const client = { chain: () => ({ info: async () => info }) };
  return encodeArmor(await encryptAge(Buffer.from(text, "utf8"), createTimelockEncrypter(client, round)));
}

export function hexSha256(bytes) {
  return Buffer.from(sha256(Buffer.from(bytes))).toString("hex");
}

/** 16 random bytes as hexadecimal: given to one submission, and never again. */
export function freshNonce() {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
}
