// Which view the address names: `#run=ID`, `#compare=ID,ID`, or nothing for the list.

export type Route = { view: "list" } | { view: "run"; run: string } | { view: "compare"; runs: [string, string] };

export function readRoute(hash: string): Route {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const run = words.get("run");
  if (run) return { view: "run", run };
  const [left, right] = (words.get("compare") ?? "").split(",");
  return left && right ? { view: "compare", runs: [left, right] } : { view: "list" };
}

export function writeRoute(route: Route): string {
  if (route.view === "run") return `#${new URLSearchParams({ run: route.run }).toString()}`;
  return route.view === "compare" ? `#${new URLSearchParams({ compare: route.runs.join(",") }).toString()}` : "#";
}

/** The token of the address, which loses it: neither the history nor a copied address keeps it. */
export function takeToken(
  location: { hash: string; pathname: string },
  history: { replaceState(data: unknown, unused: string, url: string): void },
): string | null {
  const words = new URLSearchParams(location.hash.replace(/^#/, ""));
  const token = words.get("token");
  if (token === null) return null;
  words.delete("token");
  history.replaceState(null, "", `${location.pathname}#${words.toString()}`);
  return token;
}
