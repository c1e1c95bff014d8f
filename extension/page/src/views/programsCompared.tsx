import type { JSX } from "preact";
import { predictorsOf } from "../data/programState.ts";
import type { RunModel } from "../model/runModel.ts";
import { useAsked } from "./asked.ts";
import { WordDiff } from "./wordDiff.tsx";

export interface Program {
  run: string;
  candidate: string;
}

/** The program a run leaves its user with; null where nothing was scored. */
export function programOf(model: RunModel): Program | null {
  const candidate = model.leader.value;
  return candidate === null ? null : { run: model.id, candidate };
}

/** The instructions of two runs' programs, word by word. */
export function ProgramsCompared({ left, right }: { left: Program; right: Program }): JSX.Element {
  const [first, second] = [useAsked("results/candidate", asked(left)), useAsked("results/candidate", asked(right))];
  const [was, is] = [first, second].map((one) => predictorsOf(one.answer?.candidate?.state ?? {})) as [
    ReturnType<typeof predictorsOf>,
    ReturnType<typeof predictorsOf>,
  ];
  const names = [...new Set([...was, ...is].map((one) => one.name))];
  if (first.answer && second.answer && names.length === 0)
    return <p class="note">Neither run's store holds its program.</p>;
  const words = (of: typeof was, name: string) => of.find((one) => one.name === name)?.instructions ?? "";
  return (
    <>
      {names.map((name) => (
        <div class="card stack" key={name}>
          <h3>{name === "self" ? "The program's instruction" : name}</h3>
          <WordDiff before={words(was, name)} after={words(is, name)} />
        </div>
      ))}
    </>
  );
}

function asked({ run, candidate }: Program): { run_id: string; candidate: string } {
  return { run_id: run, candidate };
}
