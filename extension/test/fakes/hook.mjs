// `import … from "vscode"` means the fake in tests.
import { registerHooks } from "node:module";

const fake = new URL("./vscode.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "vscode" ? { url: fake, shortCircuit: true } : next(specifier, context),
});
