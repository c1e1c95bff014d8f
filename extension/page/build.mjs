// The page as files: index.html, page.js, page.css, icon.svg, and the licenses of what went into them.
// `node build.mjs FOLDER` puts them there.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, "../../server/tunesmith/server/ui"));

const options = { bundle: true, minify: true, legalComments: "none", logLevel: "warning" };

await mkdir(folder, { recursive: true });
await build({ ...options, entryPoints: [join(here, "src/styles/page.css")], outfile: join(folder, "page.css") });
// A saved report carries the style in itself: in a webview the page may not read its own style sheet.
const style = await readFile(join(folder, "page.css"), "utf8");
const { metafile } = await build({
  ...options,
  absWorkingDir: here,
  metafile: true,
  entryPoints: [join(here, "src/main.tsx")],
  outfile: join(folder, "page.js"),
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { PAGE_STYLE: JSON.stringify(style) },
});
await copyFile(join(here, "index.html"), join(folder, "index.html"));
await copyFile(join(here, "icon.svg"), join(folder, "icon.svg"));
await writeFile(join(folder, "licenses.txt"), await licenses(Object.keys(metafile.inputs)));

async function licenses(inputs) {
  const names = inputs.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean);
  const texts = [...new Set(names)].sort().map(async (name) => {
    const file = (await readdir(join(here, "node_modules", name))).find((one) => /^licen[cs]e/i.test(one));
    if (!file) throw new Error(`${name} comes without its license`);
    return `${name}\n\n${await readFile(join(here, "node_modules", name, file), "utf8")}`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
