// Asking an interpreter what it has, without importing any of it.

import type { Run } from "./process.ts";

export interface Probe {
  /** `3.12`. */
  python: string;
  /** Major and minor. */
  version: [number, number];
  /** Version of the distribution; null where it is not installed. */
  tunesmith: string | null;
  dspy: string | null;
  /** Whether it has what serves an editor: the extra `server`. */
  serves: boolean;
  /** Whether it has what a run needs beside dspy. */
  works: boolean;
  /** Whether `pip` can be run with it. */
  pip: boolean;
}

// Any Python 3 runs it. The current folder is not looked into.
const SCRIPT = `
import sys
sys.path = [entry for entry in sys.path if entry]
import importlib.util, json
from importlib import metadata
def present(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return None
print("PROBE " + json.dumps({
    "python": "%d.%d" % sys.version_info[:2],
    "version": list(sys.version_info[:2]),
    "tunesmith": version("tunesmith"),
    "dspy": version("dspy"),
    "serves": present("tunesmith.server") and present("pygls") and present("tree_sitter"),
    "works": present("tunesmith.optim"),
    "pip": present("pip"),
}))
`;

const PROBE_MS = 30_000;

/** undefined where it cannot be started or does not answer like a Python. */
export async function probe(path: string, run: Run): Promise<Probe | undefined> {
  const { stdout } = await run(path, ["-c", SCRIPT], { timeoutMs: PROBE_MS });
  const answer = stdout
    .split("\n")
    .reverse()
    .find((line) => line.startsWith("PROBE "));
  return answer === undefined ? undefined : (JSON.parse(answer.slice("PROBE ".length)) as Probe);
}

export function isTooOld(probe: Probe): boolean {
  const [major, minor] = probe.version;
  return major < 3 || (major === 3 && minor < 11);
}
