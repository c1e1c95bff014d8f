// Two bundles for the extension host, which is CommonJS: one is read in every window with Python in it, so the
// language client is apart and read once a server is started. Types are checked by tsc.
import { build } from "esbuild";

const production = process.argv.includes("--production");

const clientApart = {
  name: "client apart",
  setup(bundle) {
    bundle.onResolve({ filter: /\/client\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./client.cjs", external: true } : undefined,
    );
  },
};

await build({
  entryPoints: ["src/extension.ts", "src/client.ts"],
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  external: ["vscode"],
  plugins: [clientApart],
  minify: production,
  sourcemap: !production,
  logLevel: "warning",
});
