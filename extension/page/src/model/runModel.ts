// One run as the page knows it, followed while it goes.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { appendCells, type CellLog, EMPTY, ranked, tally, type Tally } from "../data/cells.ts";
import {
  BASELINE,
  type CandidateErrors,
  type EventRecord,
  type RunCosts,
  type RunPicture,
  TUNED,
  UNDER_WAY_STATUSES,
  UNTUNED_MODEL,
} from "../../../src/protocol.ts";
import { continueStory, emptyStory, type RunStory } from "../data/events.ts";
import { type Host, HostError } from "../host.ts";

/** Seconds an answer may take to tell that nothing happened; the host is asked again right after. */
const WAIT = 20;
/** Between two looks at a run that tells much: more would only flicker. */
const REST_MS = 700;
/** What sums over all calls is asked for less often. */
const COSTS_MS = 5000;

export interface RunModel {
  id: string;
  picture: Signal<RunPicture | null>;
  story: Signal<RunStory>;
  cells: Signal<CellLog>;
  tallies: ReadonlySignal<Tally[]>;
  /** Of every candidate, by id. */
  names: Signal<Map<string, string>>;
  costs: Signal<RunCosts | null>;
  /** Of the baseline and of the candidate that leads. */
  errors: Signal<CandidateErrors[]>;
  leader: ReadonlySignal<string | null>;
  failure: Signal<string | null>;
  stop(): void;
}

const BASELINES: readonly string[] = [BASELINE, UNTUNED_MODEL];

export function followRun(host: Host, id: string): RunModel {
  const cells = signal<CellLog>(EMPTY);
  const story = signal<RunStory>(emptyStory());
  const picture = signal<RunPicture | null>(null);
  const tallies = computed(() => tally(cells.value));
  const ending = new AbortController();
  const model: RunModel = {
    id,
    picture,
    story,
    cells,
    tallies,
    names: signal(new Map<string, string>()),
    costs: signal(null),
    errors: signal([]),
    leader: computed(() => findLeader(picture.value, story.value, tallies.value)),
    failure: signal(null),
    stop: () => ending.abort(),
  };
  void follow(host, model, ending.signal);
  return model;
}

async function follow(host: Host, model: RunModel, ended: AbortSignal): Promise<void> {
  const reading: Reading = { cells: 0, names: 0, costs: -Infinity };
  let fresh: EventRecord[] = [];
  while (!ended.aborted) {
    try {
      await look(host, model, reading, fresh);
      fresh = [];
      model.failure.value = null;
      const status = model.picture.value?.summary.status;
      if (status && !UNDER_WAY_STATUSES.has(status)) {
        await lookLast(host, model);
        return;
      }
      const asked = { run_id: model.id, after: model.story.value.last, wait: WAIT };
      fresh = (await host.request("results/events", asked)).records;
      await rest(REST_MS);
    } catch (error) {
      model.failure.value = error instanceof Error ? error.message : String(error);
      if (error instanceof HostError && error.gone) return;
      await rest(10 * REST_MS);
    }
  }
}

/** How far the columns were read, and when the sums last were. */
interface Reading {
  cells: number;
  names: number;
  costs: number;
}

/** Everything that came since the last look, in one change of the page. `fresh`: events that came already. */
async function look(host: Host, model: RunModel, reading: Reading, fresh: readonly EventRecord[]): Promise<void> {
  const picture = await host.request("results/run", { run_id: model.id });
  let story = continueStory(model.story.value, fresh);
  for (let more = true; more;) {
    const events = await host.request("results/events", { run_id: model.id, after: story.last });
    story = continueStory(story, events.records);
    more = events.more;
  }
  let cells = model.cells.value;
  for (let more = true; more;) {
    const page = await host.request("results/cells", { run_id: model.id, after: reading.cells });
    if (page.candidate.length) cells = appendCells(cells, page);
    [reading.cells, more] = [page.last, page.more];
  }
  let names = model.names.value;
  for (let more = true; more;) {
    const page = await host.request("results/candidates", { run_id: model.id, after: reading.names });
    if (page.ids.length) names = new Map([...names, ...page.ids.map((id, at) => [id, page.names[at] ?? id] as const)]);
    [reading.names, more] = [page.last, page.more];
  }
  batch(() => {
    model.picture.value = picture;
    model.story.value = story;
    model.cells.value = cells;
    model.names.value = names;
  });
  if (performance.now() - reading.costs > COSTS_MS) {
    await lookLast(host, model);
    reading.costs = performance.now();
  }
}

async function lookLast(host: Host, model: RunModel): Promise<void> {
  const compared = [baselineOf(model.tallies.value), model.leader.value].filter((one) => one !== null);
  const [costs, errors] = await Promise.all([
    host.request("results/costs", { run_id: model.id }),
    host.request("results/errors", { run_id: model.id, candidates: [...new Set(compared)] }),
  ]);
  model.costs.value = costs;
  model.errors.value = errors.of;
}

export function baselineOf(tallies: readonly Tally[]): string | null {
  return tallies.find((one) => BASELINES.includes(one.id))?.id ?? null;
}

/** The candidate a run returns, or would return now. */
function findLeader(picture: RunPicture | null, story: RunStory, tallies: readonly Tally[]): string | null {
  const searched = story.batches.at(-1)?.leader ?? picture?.search?.measured[0]?.candidate;
  if (searched) return searched;
  if (tallies.some((one) => one.id === TUNED)) return TUNED;
  return ranked(tallies.filter((one) => !BASELINES.includes(one.id)))[0]?.id ?? null;
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
