"""MIPROv2: instructions written from evidence, and a search that learns which instructions and demos help.

A drop-in for `dspy.MIPROv2` (dspy/teleprompt/mipro_optimizer_v2.py; Opsahl-Ong et al. 2024, arXiv:2406.11695): same
arguments and exceptions, at most its program calls. Beyond it: errors of the baseline reach the proposer, further
instructions are written from what the leader still fails, candidates are compared on the same examples by a model of
what each instruction and demo set adds (`search/`), a failed call is missing instead of a zero, and what is returned
is what is likely best rather than what was luckiest.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dspy
from dspy.teleprompt.teleprompt import Teleprompter

from tunesmith.optim.demos import (
    COMPOSED,
    FIRST_COME,
    LABELS_ONLY,
    POOL_FACTOR,
    DemoPool,
    DemoSet,
    DemoSettings,
    Embedder,
    Gathered,
    Lessons,
    compose,
    demo_sets,
    fit_demo_sets,
    gather_pool,
    prepare_teacher,
)
from tunesmith.optim.mipro_v2.plan import SearchPlan, Trials, plan_search
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.prompt_search import (
    AUTO,
    FULL_EVALUATION_EVERY,
    MINIBATCH,
    RETRIES,
    Choices,
    Conclusion,
    GroundedProposer,
    Race,
    SearchProblem,
    attach_statistics,
    conclude,
    level_zero,
    probe_headroom,
    split_for_search,
    trial_count,
)
from tunesmith.optim.proposer import WritingSettings
from tunesmith.optim.rollouts import ErrorTally, Executor, Judge, Run, open_run
from tunesmith.protocol import AutoMode, MIPROv2Options, Objective, SearchReport, Selection

TEACHER_ROUNDS = 2
REFLECT_AT = (0.4, 0.65)
"""Shares of the search after which its leader's failures are looked at."""
PERFECT = "the program as it came is right on every validation example, so that nothing can be gained"


DEFAULTS = MIPROv2Options()


class MIPROv2(Teleprompter):  # type: ignore[misc]
    """Searches instructions and demonstrations of every predictor together."""

    outcome: TuneOutcome
    """The verdict of the last `compile`."""
    search_report: SearchReport
    """What its search learnt: effects of instructions, demo sets and features, and what it believes of candidates."""

    def __init__(
        self,
        metric: Callable[..., Any],
        prompt_model: Any | None = None,
        task_model: Any | None = None,
        teacher_settings: Mapping[str, Any] | None = None,
        max_bootstrapped_demos: int = DEFAULTS.max_bootstrapped_demos,
        max_labeled_demos: int = DEFAULTS.max_labeled_demos,
        auto: AutoMode | None = DEFAULTS.auto,
        num_candidates: int | None = None,
        num_threads: int | None = None,
        max_errors: int | None = None,
        seed: int = 9,
        init_temperature: float = DEFAULTS.init_temperature,
        verbose: bool = False,
        track_stats: bool = True,
        log_dir: str | None = None,
        metric_threshold: float | None = None,
        *,
        num_instructions: int | None = None,
        selection: Selection = DEFAULTS.selection,
        objectives: Sequence[Objective] = DEFAULTS.objectives,
        max_program_calls: int | None = None,
        max_rounds: int = DEFAULTS.max_rounds,
        stop_at_score: float | None = None,
        embedder: Embedder | str | None = None,
        run_dir: str | Path | None = None,
        run: Run | None = None,
    ) -> None:
        """The first sixteen arguments mean what they mean in dspy; `seed=0` counts, and `log_dir` is a `run_dir`.

        Args:
            num_instructions: Variants written for each predictor; None: `num_candidates`, else twenty.
            selection: What replaces the program: `max` what is believed best, `likely` what beats the baseline with
                probability ≥ .7, `strict` what a user may stop thinking about (≥ .97, and by the paired scores too).
            objectives: `score` alone, or with `tokens` or `latency`: the search then keeps the candidates that no
                other beats in all of them (`search_report.front`); the one returned is the best by score.
            max_program_calls: A cap below dspy's own number for the mode, which is the cap otherwise.
            max_rounds: Tries of the teacher on each training example, as in `BootstrapFewShot`.
            stop_at_score: In per cent. The search ends once a candidate scored on every example reaches it.
            embedder: For diverse demos and alike instructions. None: hashed n-grams; see `BootstrapFewShot`.
            run_dir: A folder that keeps every call and rollout, so that the same `compile` resumes there.
            run: An execution under way, in place of `run_dir`.

        Raises `ValueError` for an unknown mode, and where no language model is given or set.
        """
        super().__init__()
        if auto is not None and auto not in AUTO:
            raise ValueError(f"auto must be one of {', '.join(AUTO)}, or None, not {auto!r}.")
        self.metric = metric
        self.prompt_model = prompt_model or dspy.settings.lm
        self.task_model = task_model or dspy.settings.lm
        if not self.prompt_model or not self.task_model:
            raise ValueError(
                "MIPROv2 needs a language model: pass prompt_model and task_model, or dspy.configure(lm=…)."
            )
        self.teacher_settings = dict(teacher_settings or {})
        self.max_bootstrapped_demos = max_bootstrapped_demos
        self.max_labeled_demos = max_labeled_demos
        self.auto = auto
        self.num_candidates = num_candidates
        self.num_threads = num_threads
        self.max_errors = max_errors
        self.seed = seed
        self.init_temperature = init_temperature
        self.verbose = verbose
        self.track_stats = track_stats
        self.log_dir = log_dir
        self.metric_threshold = metric_threshold
        self.num_instructions = num_instructions
        self.selection = selection
        self.objectives = tuple(objectives)
        self.max_program_calls = max_program_calls
        self.max_rounds = max_rounds
        self.stop_at_score = stop_at_score
        self.embedder = embedder
        self.run_dir = run_dir if run_dir is not None else log_dir
        self.run = run

    def compile(
        self,
        student: Any,
        *,
        trainset: Sequence[Any],
        teacher: Any = None,
        valset: Sequence[Any] | None = None,
        num_trials: int | None = None,
        max_bootstrapped_demos: int | None = None,
        max_labeled_demos: int | None = None,
        seed: int | None = None,
        minibatch: bool = True,
        minibatch_size: int = MINIBATCH,
        minibatch_full_eval_steps: int = FULL_EVALUATION_EVERY,
        program_aware_proposer: bool = True,
        data_aware_proposer: bool = True,
        view_data_batch_size: int = 10,
        tip_aware_proposer: bool = True,
        fewshot_aware_proposer: bool = True,
        requires_permission_to_run: bool | None = None,
        provide_traceback: bool | None = None,
    ) -> Any:
        """The student with the instructions and demos that are likely best; as it came where that is itself.

        `num_trials` and the minibatch arguments say, with dspy's formula, how many program calls may be made; the
        search spends them its own way. `view_data_batch_size` and `provide_traceback` change nothing here. Neither
        the programs nor the data given are changed. A run that is cancelled or meets its budget returns the best so
        far; `outcome` says so. Raises `ValueError` for data or a combination of arguments that cannot be used, and
        the first error of the model, the program or the metric where that left nothing to decide on.
        """
        if requires_permission_to_run:
            raise ValueError("MIPROv2 asks for no permission: leave requires_permission_to_run out.")
        case = _Case(
            self,
            student,
            *split_for_search(trainset, valset, auto=self.auto, seed=self.seed if seed is None else seed),
            seed=self.seed if seed is None else seed,
            most_bootstrapped=self.max_bootstrapped_demos if max_bootstrapped_demos is None else max_bootstrapped_demos,
            most_labeled=self.max_labeled_demos if max_labeled_demos is None else max_labeled_demos,
            views=_views(program_aware_proposer, data_aware_proposer, tip_aware_proposer, fewshot_aware_proposer),
        )
        plan = self._plan(
            case,
            Trials(
                count=num_trials,
                on_minibatches=minibatch,
                minibatch=minibatch_size,
                full_every=minibatch_full_eval_steps,
            ),
        )
        with (
            open_run(self.run, self.run_dir, threads=self.num_threads, seed=case.seed) as run,
            dspy.context(lm=self.task_model),
        ):
            concluded = case.tune(run, plan, teacher)
        self.outcome, self.search_report = concluded.outcome, concluded.report
        return concluded.program

    def _plan(self, case: "_Case", trials: Trials) -> SearchPlan:
        options = MIPROv2Options(
            max_bootstrapped_demos=case.most_bootstrapped,
            max_labeled_demos=case.most_labeled,
            auto=self.auto,
            num_candidates=self.num_candidates,
            num_instructions=self.num_instructions,
            max_program_calls=self.max_program_calls,
        )
        predictors = len(case.student.predictors())
        self._check_numbers(trials, predictors=predictors, zero_shot=case.is_zero_shot)
        return plan_search(
            options, predictors=predictors, train=len(case.trainset), val=len(case.valset), trials=trials
        )

    def _check_numbers(self, trials: Trials, *, predictors: int, zero_shot: bool) -> None:
        """A mode, or the numbers of candidates and trials, but not both."""
        if self.auto is not None and (self.num_candidates is not None or trials.count is not None):
            raise ValueError(
                "auto sets the numbers of candidates and trials: pass auto=None to give num_candidates and num_trials."
            )
        if self.auto is None and (self.num_candidates is None or trials.count is None):
            hint = trial_count(self.num_candidates or 10, predictors=predictors, zero_shot=zero_shot)
            raise ValueError(
                f"With auto=None, pass num_candidates to the constructor and num_trials to compile (about {hint})."
            )


class _Case:
    """One `compile`: what is the same for all of its steps."""

    def __init__(
        self,
        optimizer: MIPROv2,
        student: Any,
        trainset: list[Any],
        valset: list[Any],
        *,
        seed: int,
        most_bootstrapped: int,
        most_labeled: int,
        views: frozenset[str],
    ) -> None:
        self.optimizer, self.student = optimizer, student
        self.trainset, self.valset, self.seed = trainset, valset, seed
        self.most_bootstrapped, self.most_labeled, self.views = most_bootstrapped, most_labeled, views
        self.tally = ErrorTally(optimizer.max_errors)

    @property
    def is_zero_shot(self) -> bool:
        """Only instructions vary."""
        return not (self.most_bootstrapped or self.most_labeled)

    def tune(self, run: Run, plan: SearchPlan, teacher: Any) -> Conclusion:
        """The whole way."""
        executor = Executor(run, errors=self.tally, threads=self.optimizer.num_threads, retries=RETRIES)
        problem = SearchProblem(student=self.student, valset=self.valset, metric=self.optimizer.metric, seed=self.seed)
        if probe_headroom(executor, problem, budget=plan.calls.search).is_perfect:
            race = self._race(executor, problem, level_zero(self.student), plan, spent=0)
            race.go_on()
            return self._conclude(run, race, ended=PERFECT)
        gathered = self._gather_traces(executor, teacher, plan)
        proposer = GroundedProposer(
            executor,
            self.student,
            self.trainset,
            gathered.pool,
            metric=self.optimizer.metric,
            prompt_model=self.optimizer.prompt_model,
            settings=WritingSettings(
                count=plan.instructions,
                views=self.views,
                temperature=self.optimizer.init_temperature,
                embedder=self.optimizer.embedder,
                seed=self.seed,
            ),
        )
        proposer.read_errors(plan.calls.errors)
        choices = Choices(proposer.write_first(), self._demo_sets(run, gathered.pool))
        race = self._race(executor, problem, choices, plan, spent=gathered.tried + proposer.program_calls)
        for number, share in enumerate(REFLECT_AT[: plan.calls.rounds], 1):
            race.go_on(share)
            if race.is_over:
                break
            proposer.reflect(race, plan.calls.reflection, number)
        race.go_on()
        return self._conclude(run, race, ended=race.ended_early)

    def _gather_traces(self, executor: Executor, teacher: Any, plan: SearchPlan) -> Gathered:
        names = [name for name, _ in self.student.named_predictors()]
        if self.is_zero_shot or not plan.calls.teaching:
            return Gathered(pool=DemoPool(names), tried=0)
        teaching = prepare_teacher(self.student, teacher, self.trainset, max_labeled=self.most_labeled, seed=self.seed)
        return gather_pool(
            executor,
            teaching,
            self.trainset,
            wanted=POOL_FACTOR * max(self.most_bootstrapped, 1),
            lessons=Lessons(
                judge=Judge(self.optimizer.metric, self.optimizer.metric_threshold),
                rounds=TEACHER_ROUNDS,
                attempts=self.optimizer.max_rounds,
                settings=self.optimizer.teacher_settings,
                most_tried=plan.calls.teaching,
            ),
            improve=self._improved,
        )

    def _improved(self, pool: DemoPool) -> Any:
        return compose(self.student, pool, self.trainset, self._demo_settings()).program

    def _demo_settings(self) -> DemoSettings:
        return DemoSettings(
            max_bootstrapped=self.most_bootstrapped,
            max_labeled=self.most_labeled,
            embedder=self.optimizer.embedder,
            seed=self.seed,
        )

    def _demo_sets(self, run: Run, pool: DemoPool) -> dict[str, list[DemoSet]]:
        optimizer = self.optimizer
        count = AUTO[optimizer.auto].candidates if optimizer.auto is not None else optimizer.num_candidates
        sets = demo_sets(pool, self.student, self.trainset, self._demo_settings(), count=count or 1)
        return fit_demo_sets(sets, self.student, self.trainset, warn=run.warn_once)

    def _race(
        self, executor: Executor, problem: SearchProblem, choices: Choices, plan: SearchPlan, *, spent: int
    ) -> Race:
        required = [choices.with_demos(name) for name in (FIRST_COME, COMPOSED, LABELS_ONLY)]
        return Race(
            executor,
            problem,
            choices,
            budget=plan.calls.race_budget(spent),
            objectives=self.optimizer.objectives,
            required=list(dict.fromkeys(arm for arm in required if any(arm))),
            stop_at=self.optimizer.stop_at_score,
        )

    def _conclude(self, run: Run, race: Race, *, ended: str | None) -> Conclusion:
        warnings = [*run.warnings]
        if (errors := self.tally.warning()) is not None:
            warnings.append(errors)
        if ended is not None:
            warnings.append(f"The search ended early: {ended}.")
        concluded = conclude(
            run, race, selection=self.optimizer.selection, warnings=warnings, stopped=run.stopped or ended
        )
        if self.optimizer.track_stats:
            attach_statistics(concluded.program, race)
        return concluded


def _views(program: bool, data: bool, tips: bool, traces: bool) -> frozenset[str]:
    """What a proposer looks at, by dspy's switches. Errors are always looked at."""
    switches = {"role": program, "data": data, "style": tips, "traces": traces, "errors": True}
    return frozenset(view for view, is_on in switches.items() if is_on)
