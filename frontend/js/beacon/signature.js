// The beacon's own signatures, with the curve of the npm package @noble/curves, which tlock-js brings along. Pages that
// only now and then need a pairing load this file when they do.
import { bls12_381 } from "@noble/curves/bls12-381";
import { fromHex, sha256, toHex } from "../draw/canonical.js";

const SIGNATURE_TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/** Whether this is the beacon's signature of the round: e(signature, G2) = e(point of the round, public key). */
export async function signatureHolds(publicKey, round, signature) {
  try {
    const { G1, G2, fields, pairing } = bls12_381;
    const signed = strictPoint(G1.ProjectivePoint, fromHex(signature));
    const key = strictPoint(G2.ProjectivePoint, fromHex(publicKey));
    const number = new DataView(new ArrayBuffer(8));
    number.setBigUint64(0, BigInt(round));
    const expected = G1.hashToCurve(await sha256(number.buffer), { DST: SIGNATURE_TAG });
    return fields.Fp12.eql(pairing(signed, G2.ProjectivePoint.BASE), pairing(expected, key));
  } catch {
    return false;
  }
}

/** A point of the group in its only spelling; infinity is refused. */
export function strictPoint(Group, bytes) {
  const point = Group.fromHex(bytes);
  point.assertValidity();
  if (point.equals(Group.ZERO) || toHex(point.toRawBytes(true)) !== toHex(bytes)) throw new TypeError("not a point of the group in its only spelling");
  return point;
}
