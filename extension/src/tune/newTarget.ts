// A target that a user made up while tuning, as a table of pyproject.toml.

export interface NewTarget {
  name: string;
  program: string;
  metric: string;
  trainset: string;
}

/** What is appended to the file's text. */
export function targetTable(target: NewTarget, before: string): string {
  const gap = before === "" ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const rows = [
    `program = ${quoted(target.program)}`,
    `metric = ${quoted(target.metric)}`,
    `trainset = ${quoted(target.trainset)}`,
  ];
  return `${gap}[tool.tunesmith.targets.${key(target.name)}]\n${rows.join("\n")}\n`;
}

/** A name like the wanted one that none of `taken` has. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const plain = wanted.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "target";
  let name = plain;
  for (let number = 2; taken.includes(name); number += 1) name = `${plain}-${number}`;
  return name;
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name);
}

/** JSON's escapes are among those of TOML's basic strings. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
