// What tsc does not see: promises nobody waits for, `any` that spreads, cases a switch forgot.

import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "page/node_modules/**", "src/protocol.ts", "**/*.mjs"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ["./tsconfig.json", "./page/tsconfig.json"] } },
    rules: {
      eqeqeq: ["error", "smart"],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // An async function without await is how an interface that answers later is met at once.
      "@typescript-eslint/require-await": "off",
      // Functions of d3 and preact are passed on as they are; ours have no `this`.
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    // `test(…)` of node's runner returns a promise that the runner waits for itself.
    files: ["test/**", "page/test/**"],
    rules: { "@typescript-eslint/no-floating-promises": "off" },
  },
);
