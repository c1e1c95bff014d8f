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

from tunesmith.optim.demos import Embedder
from tunesmith.optim.mipro_v2.compilation import Compilation, search_prompts
from tunesmith.optim.mipro_v2.plan import Trials, plan_search
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.prompt_search import (
    AUTO,
    FULL_EVALUATION_EVERY,
    MINIBATCH,
    RETRIES,
    SearchProblem,
    split_for_search,
    trial_count,
)
from tunesmith.optim.rollouts import ErrorTally, Executor, Run, open_run
from tunesmith.protocol import AutoMode, MIPROv2Options, Objective, SearchReport, Selection

DEFAULTS = MIPROv2Options()


class MIPROv2(Teleprompter):  # type: ignore[misc]
    """Searches instructions and demonstrations of every predictor together.

    >>> import dspy
    >>> from dspy.utils import DummyLM
    >>> lengths = {"plum": "4", "fig": "3", "cherry": "6", "apple": "5", "quince": "6", "pear": "4"}
    >>> examples = [dspy.Example(word=word, length=length).with_inputs("word") for word, length in lengths.items()]
    >>> def is_right(example, prediction, trace=None):
    ...     return example.length == prediction.length
    >>> lm = DummyLM({word: {"length": "1"} for word in lengths}, follow_examples=True)  # copies what demos show
    >>> with dspy.context(lm=lm):
    ...     optimizer = MIPROv2(is_right, max_labeled_demos=6, num_instructions=0, max_program_calls=60)
    ...     program = optimizer.compile(dspy.Predict("word -> length"), trainset=examples, valset=examples)
    >>> optimizer.outcome.baseline.score, optimizer.outcome.tuned.score, optimizer.outcome.gain.verdict
    (0.0, 1.0, 'confirmed')

    `num_instructions=0` leaves instructions as they are; by default `prompt_model` writes twenty for each predictor.
    """

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
        seed = self.seed if seed is None else seed
        train, val = split_for_search(trainset, valset, auto=self.auto, seed=seed)
        options = self._options(max_bootstrapped_demos, max_labeled_demos)
        trials = Trials(
            count=num_trials,
            on_minibatches=minibatch,
            minibatch=minibatch_size,
            full_every=minibatch_full_eval_steps,
        )
        predictors = len(student.predictors())
        _check_numbers(options, trials, predictors)
        compilation = Compilation(
            problem=SearchProblem(student=student, valset=val, metric=self.metric, seed=seed),
            trainset=train,
            teacher=teacher,
            prompt_model=self.prompt_model,
            views=_views(program_aware_proposer, data_aware_proposer, tip_aware_proposer, fewshot_aware_proposer),
            options=options,
            plan=plan_search(options, predictors=predictors, train=len(train), val=len(val), trials=trials),
            track_stats=self.track_stats,
        )
        with (
            open_run(self.run, self.run_dir, threads=self.num_threads, seed=seed) as run,
            dspy.context(lm=self.task_model),
        ):
            executor = Executor(run, errors=ErrorTally(self.max_errors), threads=self.num_threads, retries=RETRIES)
            concluded = search_prompts(executor, compilation)
        self.outcome, self.search_report = concluded.outcome, concluded.report
        return concluded.program

    def _options(self, max_bootstrapped_demos: int | None, max_labeled_demos: int | None) -> MIPROv2Options:
        """Of the constructor, which keeps each under its name; those given here are `compile`'s."""
        own = {name: getattr(self, name) for name in MIPROv2Options.__struct_fields__}
        given = {"max_bootstrapped_demos": max_bootstrapped_demos, "max_labeled_demos": max_labeled_demos}
        return MIPROv2Options(**(own | {name: most for name, most in given.items() if most is not None}))


def _check_numbers(options: MIPROv2Options, trials: Trials, predictors: int) -> None:
    """Raises `ValueError` but for either a mode, or the numbers of candidates and trials."""
    if options.auto is not None and (options.num_candidates is not None or trials.count is not None):
        raise ValueError(
            "auto sets the numbers of candidates and trials: pass auto=None to give num_candidates and num_trials."
        )
    if options.auto is None and (options.num_candidates is None or trials.count is None):
        zero_shot = not (options.max_bootstrapped_demos or options.max_labeled_demos)
        hint = trial_count(options.num_candidates or 10, predictors=predictors, zero_shot=zero_shot)
        raise ValueError(
            f"With auto=None, pass num_candidates to the constructor and num_trials to compile (about {hint})."
        )


def _views(program: bool, data: bool, tips: bool, traces: bool) -> frozenset[str]:
    """What a proposer looks at, by dspy's switches. Errors are always looked at."""
    switches = {"role": program, "data": data, "style": tips, "traces": traces, "errors": True}
    return frozenset(view for view, is_on in switches.items() if is_on)
