// Cuts each line of the standard input with the tokenizer of Meilisearch; `·` stands where a piece between spaces was cut.
// node cut.js FOLDER_OF_CHARABIA_JS < lines
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const folder = resolve(process.argv[2]);
const { tokenize, Language } = require(folder);
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
const lines = readFileSync(0, "utf8").split("\n").filter((line) => line);
const languages = new Set();

function cut(line) {
  let told = "";
  for (const token of tokenize(line)) {
    const said = [...line].slice(token.charStart, token.charEnd).join("");
    if (token.language !== undefined) languages.add(Language[token.language]);
    told += token.isSeparator || !told || told.endsWith(" ") ? said : `·${said}`;
    token.free();
  }
  if (told.replaceAll("·", "") !== line) throw new Error(`not the same text: ${line} ${told}`);
  return told;
}

const told = lines.map(cut);
console.log(`# charabia-js ${version}, a language detected for each text: ${[...languages].sort().join(", ") || "none"}`);
console.log(told.join("\n"));
