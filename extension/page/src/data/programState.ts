// What a candidate's `dump_state()` holds: an instruction and demos for every predictor.

export interface PredictorState {
  name: string;
  instructions: string;
  demos: Record<string, unknown>[];
}

/** A single predictor is its own state; a program holds one for each, by name. Anything else is left out. */
export function predictorsOf(state: Record<string, unknown>): PredictorState[] {
  if (isPredictor(state)) return [read("self", state)];
  return Object.entries(state).flatMap(([name, one]) => (isRecord(one) && isPredictor(one) ? [read(name, one)] : []));
}

function read(name: string, state: Record<string, unknown>): PredictorState {
  const signature = isRecord(state.signature) ? state.signature : {};
  const demos = Array.isArray(state.demos) ? state.demos.filter(isRecord) : [];
  return { name, instructions: typeof signature.instructions === "string" ? signature.instructions : "", demos };
}

function isPredictor(state: Record<string, unknown>): boolean {
  return "signature" in state && "demos" in state;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as text: strings as they are, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 1) ?? "");
}
