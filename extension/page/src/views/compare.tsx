import type { JSX } from "preact";

export function Compare({ runs }: { runs: [string, string] }): JSX.Element {
  return <p>{runs.join(", ")}</p>;
}
