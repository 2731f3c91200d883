// Reads one JSON command from standard input, seals or opens with the npm package tlock-js, and prints the result.
// No network: the chain's parameters and the signature are given, and fetch is gone.
import { createRequire } from "node:module";

globalThis.fetch = () => {
  throw new Error("no network here");
};
const load = createRequire(process.argv[2]);
const { timelockEncrypt, timelockDecrypt, Buffer } = load("tlock-js");
console.log = () => {}; // tlock-js prints the beacons it uses

const text = await new Promise((resolve) => {
  let read = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (part) => (read += part));
  process.stdin.on("end", () => resolve(read));
});
const { info, jobs } = JSON.parse(text);
const client = (beacon) => ({
  options: { disableBeaconVerification: false },
  chain: () => ({ baseUrl: "", info: async () => info }),
  get: async () => beacon,
});

const results = [];
for (const job of jobs) {
  try {
    if (job.seal !== undefined) results.push(await timelockEncrypt(job.round, Buffer.from(job.seal, "utf8"), client()));
    else results.push((await timelockDecrypt(job.open, client(job.beacon))).toString("utf8"));
  } catch (problem) {
    results.push({ refused: String(problem) });
  }
}
process.stdout.write(JSON.stringify(results));
