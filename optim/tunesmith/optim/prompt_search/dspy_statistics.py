"""What users of dspy read off a program that a search returned."""

from typing import Any

from tunesmith.optim.prompt_search.choices import candidate_id
from tunesmith.optim.prompt_search.race import Race

PROGRAMS_KEPT = 20


def attach_statistics(program: Any, race: Race, *, prompt_calls: int = 0) -> None:
    """`score`, `candidate_programs`, `mb_candidate_programs`, `trial_logs` and `total_calls`, as dspy's MIPROv2 sets
    them: scores in per cent, best first. A trial is a candidate, in the order of the search's belief."""
    examples = race.search.matrix.examples
    full: list[dict[str, Any]] = []
    partial: list[dict[str, Any]] = []
    logs: dict[int, dict[str, Any]] = {}
    beliefs = sorted(race.search.beliefs(), key=lambda one: (-one.mean, one.arm))
    for number, one in enumerate(beliefs, 1):
        is_full = one.n == examples
        score = 100 * one.raw_mean
        kind = "full_eval_score" if is_full else "mb_score"
        logs[number] = {kind: score, "candidate": candidate_id(one.arm), "examples": one.n, **_levels(race, one.arm)}
        kept = full if is_full else partial
        if len(kept) < PROGRAMS_KEPT:
            kept.append({"score": score, "program": race.programs.program(one.arm), "full_eval": is_full})
    winner = race.search.winner()
    known = race.search.matrix.known(winner.arm)
    program.score = 100 * sum(known) / len(known) if known else None
    program.candidate_programs = sorted(full, key=lambda one: -one["score"])
    program.mb_candidate_programs = sorted(partial, key=lambda one: -one["score"])
    program.trial_logs = logs
    program.total_calls = race.rollouts
    program.prompt_model_total_calls = prompt_calls


def _levels(race: Race, arm: tuple[int, ...]) -> dict[str, int]:
    """dspy's names: `0_predictor_instruction`, `0_predictor_demos`."""
    names: dict[str, int] = {}
    for place in range(0, len(arm), 2):
        names[f"{place // 2}_predictor_instruction"] = arm[place]
        names[f"{place // 2}_predictor_demos"] = arm[place + 1]
    return names
