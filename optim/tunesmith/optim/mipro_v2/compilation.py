"""One `compile` of MIPROv2: what it is given, and its way from there to a program."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos import (
    COMPOSED,
    FIRST_COME,
    LABELS_ONLY,
    POOL_FACTOR,
    DemoPool,
    DemoSet,
    DemoSettings,
    Gathered,
    Lessons,
    compose,
    demo_sets,
    fit_demo_sets,
    gather_pool,
    prepare_teacher,
)
from tunesmith.optim.mipro_v2.plan import SearchPlan
from tunesmith.optim.prompt_search import (
    AUTO,
    Choices,
    Conclusion,
    GroundedProposer,
    Race,
    SearchProblem,
    attach_statistics,
    conclude,
    level_zero,
    probe_headroom,
)
from tunesmith.optim.proposer import WritingSettings
from tunesmith.optim.rollouts import Executor, Judge
from tunesmith.protocol import MIPROv2Options

TEACHER_ROUNDS = 2
REFLECT_AT = (0.4, 0.65)
"""Shares of the search after which its leader's failures are looked at."""
PERFECT = "the program as it came is right on every validation example, so that nothing can be gained"


class Compilation(Struct, frozen=True, kw_only=True):
    """What is the same for all of its steps."""

    problem: SearchProblem
    trainset: Sequence[Any]
    """`Example`s to learn from."""
    teacher: Any
    """A `Program`; None: the student teaches."""
    prompt_model: Any
    """A `LanguageModel`."""
    views: frozenset[str]
    """What instructions are written from."""
    options: MIPROv2Options
    """Of the constructor, but for what `compile` was told otherwise."""
    plan: SearchPlan
    track_stats: bool
    """Attach dspy's statistics to the program."""

    @property
    def demo_settings(self) -> DemoSettings:
        """How demos are chosen."""
        return DemoSettings(
            max_bootstrapped=self.options.max_bootstrapped_demos,
            max_labeled=self.options.max_labeled_demos,
            embedder=self.options.embedder,
            seed=self.problem.seed,
        )


def search_prompts(executor: Executor, given: Compilation) -> Conclusion:
    """The whole way: traces, instructions, demo sets, the race with reflection on the way, and what it comes to."""
    calls = given.plan.calls
    if probe_headroom(executor, given.problem, budget=calls.search).is_perfect:
        race = _start_race(executor, given, level_zero(given.problem.student), spent=0)
        race.go_on()
        return _conclude(executor, given, race, ended=PERFECT)
    gathered = _gather_traces(executor, given)
    proposer = _ground_proposer(executor, given, gathered.pool)
    proposer.read_errors(calls.errors)
    choices = Choices(proposer.write_first(), _make_demo_sets(executor, given, gathered.pool))
    race = _start_race(executor, given, choices, spent=gathered.tried + proposer.program_calls)
    for number, share in enumerate(REFLECT_AT[: calls.rounds], 1):
        race.go_on(share)
        if race.is_over:
            break
        proposer.reflect(race, calls.reflection, number)
    race.go_on()
    return _conclude(executor, given, race, ended=race.ended_early)


def _gather_traces(executor: Executor, given: Compilation) -> Gathered:
    student, options, seed = given.problem.student, given.options, given.problem.seed
    if not given.plan.demos or not given.plan.calls.teaching:
        return Gathered(pool=DemoPool([name for name, _ in student.named_predictors()]), tried=0)
    teacher = prepare_teacher(student, given.teacher, given.trainset, max_labeled=options.max_labeled_demos, seed=seed)
    return gather_pool(
        executor,
        teacher,
        given.trainset,
        wanted=POOL_FACTOR * max(options.max_bootstrapped_demos, 1),
        lessons=Lessons(
            judge=Judge(given.problem.metric, options.metric_threshold),
            rounds=TEACHER_ROUNDS,
            attempts=options.max_rounds,
            settings=options.teacher_settings or {},
            most_tried=given.plan.calls.teaching,
        ),
        improve=lambda pool: compose(student, pool, given.trainset, given.demo_settings).program,
    )


def _ground_proposer(executor: Executor, given: Compilation, pool: DemoPool) -> GroundedProposer:
    return GroundedProposer(
        executor,
        given.problem.student,
        given.trainset,
        pool,
        metric=given.problem.metric,
        prompt_model=given.prompt_model,
        settings=WritingSettings(
            count=given.plan.instructions,
            views=given.views,
            temperature=given.options.init_temperature,
            embedder=given.options.embedder,
            seed=given.problem.seed,
        ),
    )


def _make_demo_sets(executor: Executor, given: Compilation, pool: DemoPool) -> dict[str, list[DemoSet]]:
    student, auto = given.problem.student, given.options.auto
    count = AUTO[auto].candidates if auto is not None else given.options.num_candidates
    sets = demo_sets(pool, student, given.trainset, given.demo_settings, count=count or 1)
    return fit_demo_sets(sets, student, given.trainset, warn=executor.run.warn_once)


def _start_race(executor: Executor, given: Compilation, choices: Choices, *, spent: int) -> Race:
    required = [choices.with_demos(name) for name in (FIRST_COME, COMPOSED, LABELS_ONLY)]
    return Race(
        executor,
        given.problem,
        choices,
        budget=given.plan.calls.race_budget(spent),
        objectives=given.options.objectives,
        required=list(dict.fromkeys(arm for arm in required if any(arm))),
        stop_at=given.options.stop_at_score,
    )


def _conclude(executor: Executor, given: Compilation, race: Race, *, ended: str | None) -> Conclusion:
    run = executor.run
    warnings = [*run.warnings]
    if (errors := executor.errors.warning()) is not None:
        warnings.append(errors)
    if ended is not None:
        warnings.append(f"The search ended early: {ended}.")
    concluded = conclude(run, race, selection=given.options.selection, warnings=warnings, stopped=run.stopped or ended)
    if given.track_stats:
        attach_statistics(concluded.program, race)
    return concluded
