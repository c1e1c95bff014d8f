// What package.json promises and what the code does are the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { COMMANDS } from "../src/commands.ts";
import { MENDS } from "../src/mending.ts";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
interface Manifest {
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string }[]>;
    configuration: { properties: Record<string, unknown> };
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  dependencies?: unknown;
  extensionDependencies?: unknown;
  engines: { vscode: string };
  devDependencies: Record<string, string>;
}
const manifest = JSON.parse(read("package.json")) as Manifest;
const declared = manifest.contributes.commands.map((one) => one.command);

test("every command is declared, and every declared one does something", () => {
  assert.deepEqual([...declared].sort(), Object.keys(COMMANDS).sort());
});

test("menus, buttons and links lead to commands that exist", () => {
  const menus = Object.values(manifest.contributes.menus).flat();
  const links = [...JSON.stringify(manifest.contributes).matchAll(/command:(tunesmith\.\w+)\)/g)].map(
    ([, id = ""]) => id,
  );
  const buttons = Object.values(MENDS).map((mend) => mend.command);
  for (const id of [...menus.map((menu) => menu.command), ...links, ...buttons]) {
    if (id.startsWith("tunesmith.")) assert.ok(declared.includes(id), id);
  }
  assert.ok(links.length > 0);
});

test("settings are documented, and those that name programs are restricted", () => {
  const settings = Object.keys(manifest.contributes.configuration.properties);
  for (const setting of settings) assert.ok(read("README.md").includes(`| \`${setting}\` |`), setting);
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, settings);
});

test("nothing is depended on at run time, and no extension is required", () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.extensionDependencies, undefined);
});

test("types are those of the oldest VS Code", () => {
  assert.equal(manifest.engines.vscode, `^${manifest.devDependencies["@types/vscode"]}`);
});
