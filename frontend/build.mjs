// Bundles css and js, collects the icons and writes market/web/static with a manifest of hashed names; puts the fonts of
// typeset documents into market/kernel/fonts.
// Usage: node frontend/build.mjs   (after npm ci --prefix frontend)
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";
import { collectIcons } from "./build/icons.mjs";
import { tablerSubset } from "./build/tabler.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const output = join(root, "market", "web", "static");
const staging = join(here, "node_modules", `.built-${process.pid}`);

const entryPoints = {
  app: join(here, "css", "app.css"),
  site: join(here, "js", "site.js"),
  ...Object.fromEntries(
    (await readdir(join(here, "js", "pages")))
      .filter((name) => name.endsWith(".js"))
      .map((name) => [basename(name, ".js"), join(here, "js", "pages", name)]),
  ),
};

// npm packages ask for the curves in two module forms; one copy of them is enough.
const alias = JSON.parse(await readFile(join(here, "build", "alias.json"), "utf8"));
for (const [name, path] of Object.entries(alias)) alias[name] = join(here, path);

const bundle = await build({
  entryPoints,
  alias,
  outdir: staging,
  absWorkingDir: root,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  target: ["chrome111", "firefox114", "safari16.4"],
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [tablerSubset(root)],
});

await mkdir(staging, { recursive: true });
await Promise.all(bundle.outputFiles.map((file) => writeFile(file.path, file.contents)));
const images = await copyImages();
await writeFile(join(staging, "icons.json"), JSON.stringify(await collectIcons(root)));
await writeFile(join(staging, "manifest.json"), JSON.stringify(manifest(bundle.metafile, images), null, 1) + "\n");
await Promise.all((await readdir(staging)).filter(isText).map(compress));
await replaceOutput();
await copyFonts();
await report();

/** Logical name ("app.css") -> hashed file name ("app-3K2J.css"); chunks are reached only through their importers. */
function manifest(metafile, images) {
  const names = { ...images };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (!entryPoint) continue;
    const suffix = entryPoint.endsWith(".css") ? ".css" : ".js";
    names[basename(entryPoint, suffix) + suffix] = basename(path);
  }
  return Object.fromEntries(Object.entries(names).sort());
}

async function copyImages() {
  const names = {};
  for (const name of await readdir(join(here, "img"))) {
    const content = await readFile(join(here, "img", name));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
    names[name] = name.replace(/(\.[a-z]+)$/, `-${hash}$1`);
    await writeFile(join(staging, names[name]), content);
  }
  return names;
}

function isText(name) {
  return /\.(css|js|svg)$/.test(name);
}

/** The faces of typeset documents (market/kernel/typesetting.py), with their licence. Pages use the system's fonts. */
async function copyFonts() {
  const from = join(here, "node_modules", "@expo-google-fonts", "noto-serif-sc");
  const to = join(root, "market", "kernel", "fonts");
  await mkdir(to, { recursive: true });
  for (const name of ["400Regular/NotoSerifSC_400Regular.ttf", "700Bold/NotoSerifSC_700Bold.ttf", "LICENSE_FONT"]) {
    const draft = join(to, `.${basename(name)}-${process.pid}`);
    await copyFile(join(from, name), draft);
    await rename(draft, join(to, basename(name)));
  }
}

/** Writes .br and .gz siblings, so that no request compresses anything. */
async function compress(name) {
  const path = join(staging, name);
  const content = await readFile(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content, quality));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}

/** The old folder is replaced whole: a failed build leaves it as it was. */
async function replaceOutput() {
  const old = `${staging}-old`;
  await rename(output, old).catch((problem) => {
    if (problem.code !== "ENOENT") throw problem;
  });
  await rename(staging, output);
  await rm(old, { recursive: true, force: true });
}

async function report() {
  const files = (await readdir(output)).filter((name) => name.endsWith(".gz")).sort();
  for (const name of files) {
    const { length } = await readFile(join(output, name));
    console.log(`${(length / 1024).toFixed(1).padStart(7)} KB gz  ${name.slice(0, -3)}`);
  }
}
