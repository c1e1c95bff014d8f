// The page as four files: index.html, page.js, page.css, icon.svg. `node build.mjs FOLDER` puts them there.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "../../server/tunesmith/server/ui");

await mkdir(folder, { recursive: true });
await build({
  entryPoints: [{ in: join(here, "src/main.tsx"), out: "page" }],
  outdir: folder,
  bundle: true,
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
await copyFile(join(here, "index.html"), join(folder, "index.html"));
await copyFile(join(here, "icon.svg"), join(folder, "icon.svg"));
