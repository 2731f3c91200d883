// Reads [[name, base64 content], …] from standard input, answers [[base64 file, key, sha256], …].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { encryptProposal } = await import(pathToFileURL(process.argv[2]));
const answers = [];
for (const [name, content] of JSON.parse(readFileSync(0, "utf8"))) {
  const { file, seal } = await encryptProposal(name, new Uint8Array(Buffer.from(content, "base64")));
  answers.push([Buffer.from(file).toString("base64"), seal.key, seal.sha256]);
}
process.stdout.write(JSON.stringify(answers));
