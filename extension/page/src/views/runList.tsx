// All runs of the workspace, the newest first; two of them can be compared.
import type { JSX } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { RunSummary, WorkspaceRuns } from "../../../src/protocol.ts";
import {
  isShare,
  showCount,
  showEffect,
  showProbability,
  showScore,
  showSeconds,
  showTime,
  showUsd,
} from "../data/numbers.ts";
import { HostContext } from "../model/hostContext.ts";
import { Failure } from "./failure.tsx";
import { Link } from "./link.tsx";
import { ScoreBar } from "./scoreBar.tsx";
import { Status, VerdictBadge } from "./status.tsx";

const LOOK_MS = 3000;
const SHOWN = 100;

export function RunList(): JSX.Element {
  const { list, failure } = useRuns();
  const [picked, setPicked] = useState<string[]>([]);
  const [shown, setShown] = useState(SHOWN);
  if (!list) return failure ? <Failure message={failure} /> : <p class="quiet-text">Reading runs…</p>;
  const pick = (id: string) =>
    setPicked(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id].slice(-2));
  return (
    <section class="sheet" aria-labelledby="runs">
      <header class="sheet-head">
        <div>
          <h1 id="runs">Runs</h1>
          <p class="note path">{list.root}</p>
        </div>
        {picked.length === 2 ? (
          <Link kind="button" to={{ view: "compare", runs: picked as [string, string] }}>
            Compare the two
          </Link>
        ) : (
          <span class="note">Pick two to compare</span>
        )}
      </header>
      {failure && <Failure message={failure} />}
      {list.runs.length === 0 ? (
        <p class="empty">
          No run was started in this workspace yet. Start one in the editor, or with `tunesmith optimize TARGET`.
        </p>
      ) : (
        <ul class="runs">
          {list.runs.slice(0, shown).map((run) => (
            <RunLine key={run.run_id} run={run} picked={picked.includes(run.run_id)} onPick={() => pick(run.run_id)} />
          ))}
        </ul>
      )}
      {list.runs.length > shown && (
        <button type="button" class="quiet" onClick={() => setShown(shown + SHOWN)}>
          Show older runs
        </button>
      )}
    </section>
  );
}

function RunLine({ run, picked, onPick }: { run: RunSummary; picked: boolean; onPick(): void }): JSX.Element {
  const report = run.report;
  const share = !!report?.baseline && isShare(report.baseline);
  return (
    <li class={picked ? "run picked" : "run"}>
      <input type="checkbox" checked={picked} onChange={onPick} aria-label={`compare ${run.run_id}`} />
      <div class="run-what">
        <Link to={{ view: "run", run: run.run_id }}>{run.target}</Link>
        <span class="note">
          {run.optimizer} · {showTime(run.created)}
        </span>
        <span class="note mono">{run.run_id}</span>
      </div>
      <div class="run-score">
        {report?.baseline || report?.tuned ? (
          <ScoreBar baseline={report.baseline} tuned={report.tuned} />
        ) : (
          <span class="note">{run.error?.message ?? run.progress}</span>
        )}
      </div>
      <div class="run-gain">
        {report?.gain ? (
          <>
            <strong>{showEffect(report.gain.mean, share)}</strong>
            <span class="note">{showProbability(report.gain.probability)}</span>
          </>
        ) : (
          report?.baseline && <strong>{showScore(report.baseline.score, share)}</strong>
        )}
      </div>
      <div class="run-state">
        <Status status={run.status} />
        {report?.gain && <VerdictBadge verdict={report.gain.verdict} />}
      </div>
      <div class="run-cost note">
        {report && (
          <>
            <span>{showCount(report.calls)} calls</span>
            <span>{showUsd(report.usd)}</span>
            <span>{showSeconds(report.seconds)}</span>
          </>
        )}
      </div>
    </li>
  );
}

function useRuns(): { list: WorkspaceRuns | null; failure: string | null } {
  const host = useContext(HostContext);
  const [list, setList] = useState<WorkspaceRuns | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let ended = false;
    const look = async () => {
      try {
        const answer = await host.request("results/list", {});
        if (ended) return;
        setList(answer);
        setFailure(null);
      } catch (error) {
        setFailure(error instanceof Error ? error.message : String(error));
      }
    };
    void look();
    const timer = setInterval(() => document.visibilityState === "visible" && void look(), LOOK_MS);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [host]);
  return { list, failure };
}
