"""BootstrapFewShot: a teacher program answers training examples; what the metric accepts becomes demonstrations.

A drop-in for `dspy.BootstrapFewShot` (dspy/teleprompt/bootstrap.py): same arguments, exceptions and attributes. Beyond
it: examples run in parallel, more traces are gathered than needed so that diverse and short ones can be chosen,
several turns of a predictor in one trace are kept apart, the improved program may teach another round, runs resume
from a folder, and with validation data the gain is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dspy.teleprompt.teleprompt import Teleprompter

from tunesmith.optim.bootstrap_fewshot.plan import TeachingPlan, plan_teaching
from tunesmith.optim.demos import (
    Composition,
    DemoPool,
    DemoSettings,
    Embedder,
    Lessons,
    as_demo,
    compose,
    gather_pool,
    prepare_teacher,
)
from tunesmith.optim.errors import NoExamples
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import (
    Comparison,
    ErrorTally,
    Executor,
    Judge,
    Run,
    check_examples,
    compare_programs,
    copy_program,
    open_run,
    reset_copy,
)
from tunesmith.protocol import BootstrapFewShotOptions

DEFAULTS = BootstrapFewShotOptions()


class BootstrapFewShot(Teleprompter):  # type: ignore[misc]
    """Composes demonstrations from a teacher's accepted traces, and from labelled examples where places are left.

    What the metric accepts of the program's own answers becomes its demos:

    >>> import dspy
    >>> from dspy.utils import DummyLM
    >>> lengths = {"plum": "4", "fig": "3", "cherry": "6", "apple": "5", "quince": "6", "pear": "4"}
    >>> examples = [dspy.Example(word=word, length=length).with_inputs("word") for word, length in lengths.items()]
    >>> def is_right(example, prediction, trace=None):
    ...     return example.length == prediction.length
    >>> lm = DummyLM({"plum": {"length": "4"}, "fig": {"length": "9"}})  # right once, and wrong once
    >>> optimizer = BootstrapFewShot(is_right, max_labeled_demos=0)
    >>> with dspy.context(lm=lm):
    ...     program = optimizer.compile(dspy.Predict("word -> length"), trainset=examples[:2])
    >>> [demo.word for demo in program.demos]
    ['plum']
    """

    outcome: TuneOutcome
    """The verdict of the last `compile`."""

    def __init__(
        self,
        metric: Callable[..., Any] | None = None,
        metric_threshold: float | None = None,
        teacher_settings: Mapping[str, Any] | None = None,
        max_bootstrapped_demos: int = DEFAULTS.max_bootstrapped_demos,
        max_labeled_demos: int = DEFAULTS.max_labeled_demos,
        max_rounds: int = DEFAULTS.max_rounds,
        max_errors: int | None = None,
        *,
        teacher_rounds: int = DEFAULTS.teacher_rounds,
        pool_size: int | None = None,
        num_threads: int | None = None,
        embedder: Embedder | str | None = None,
        keep_baseline: bool | None = None,
        strict: bool = DEFAULTS.strict,
        seed: int = 0,
        run_dir: str | Path | None = None,
        run: Run | None = None,
    ) -> None:
        """The first seven arguments mean what they mean in dspy, except that a `metric_threshold` of 0 counts.

        Args:
            teacher_rounds: How often a program teaches: first the teacher, then the program as improved so far, for
                the examples not yet solved. Ends early where a round adds nothing.
            pool_size: Accepted examples to gather before choosing; None: four for each demo.
            num_threads: None: `dspy.settings.num_threads`.
            embedder: For choosing diverse demos. None: hashed n-grams. A function from texts to rows, or the name
                of a sentence-transformers model (the extra `embed`).
            keep_baseline: True: return the program as it came where a gain is unlikely; needs a `valset`.
                None: as `strict`.
            strict: Only a confirmed gain replaces the baseline.
            seed: Of the labelled examples drawn; 0 draws dspy's.
            run_dir: A folder that keeps every call and rollout, so that the same `compile` resumes there.
            run: An execution under way, in place of `run_dir`.
        """
        super().__init__()
        self.metric = metric
        self.metric_threshold = metric_threshold
        self.teacher_settings = dict(teacher_settings or {})
        self.max_bootstrapped_demos = max_bootstrapped_demos
        self.max_labeled_demos = max_labeled_demos
        self.max_rounds = max_rounds
        self.max_errors = max_errors
        self.error_count = 0
        self.teacher_rounds = teacher_rounds
        self.pool_size = pool_size
        self.num_threads = num_threads
        self.embedder = embedder
        self.keep_baseline = strict if keep_baseline is None else keep_baseline
        self.strict = strict
        self.seed = seed
        self.run_dir = run_dir
        self.run = run

    def compile(
        self, student: Any, *, teacher: Any = None, trainset: Sequence[Any], valset: Sequence[Any] | None = None
    ) -> Any:
        """The student with demonstrations; the student as it came where the gain was not enough to replace it.

        Neither the programs nor the data given are changed. A run that is cancelled or meets its budget returns the
        best so far; `outcome` says so. Raises `ValueError` for data that cannot be used, `AssertionError` where
        student and teacher do not match, and the first error of program or metric once there were `max_errors`.
        """
        self._check_data(trainset, valset)
        self.trainset = trainset
        baseline = student
        self._prepare_student_and_teacher(student, teacher)
        plan = self._plan(trainset, valset)
        with open_run(self.run, self.run_dir, threads=self.num_threads, seed=self.seed) as run:
            tally = ErrorTally(self.max_errors)
            try:
                executor = Executor(run, errors=tally, threads=self.num_threads)
                pool = self._gather_traces(executor, plan)
                composed = self._compose(pool)
                compared = self._compare(executor, baseline, composed.program, valset)
            finally:
                self.error_count = tally.count
            shipped = not self.keep_baseline or compared.is_worth_it(strict=self.strict)
            self.outcome = TuneOutcome(
                baseline=compared.baseline,
                tuned=compared.tuned,
                gain=compared.gain,
                demos=composed.choices,
                shipped=shipped,
                stopped=run.stopped,
                warnings=self._warnings(run, tally, pool),
            )
        self.validation = composed.unused
        self.name2traces = {name: [as_demo(demo.values) for demo in pool.candidates(name)] for name in pool.predictors}
        self.student = composed.program if shipped else copy_program(baseline)
        return self.student

    # Preparing

    def _check_data(self, trainset: Sequence[Any], valset: Sequence[Any] | None) -> None:
        if not trainset:
            raise NoExamples("trainset")
        check_examples(trainset, "trainset")
        check_examples(valset or [], "valset")
        if self.keep_baseline and not (valset and self.metric):
            raise ValueError(
                "keep_baseline=True compares the tuned program with the baseline: "
                "construct with a metric, and pass compile a valset."
            )

    def _prepare_student_and_teacher(self, student: Any, teacher: Any) -> None:
        self.student = reset_copy(student)
        if getattr(self.student, "_compiled", False):
            raise AssertionError("Student must be uncompiled.")
        self.teacher = prepare_teacher(
            student, teacher, self.trainset, max_labeled=self.max_labeled_demos, seed=self.seed
        )
        self.name2predictor = {name: None for name, _ in self.student.named_predictors()}

    def _plan(self, trainset: Sequence[Any], valset: Sequence[Any] | None) -> TeachingPlan:
        # The constructor keeps each option under its name.
        options = BootstrapFewShotOptions(
            **{name: getattr(self, name) for name in BootstrapFewShotOptions.__struct_fields__}
        )
        return plan_teaching(options, train=len(trainset), val=len(valset or []))

    # Gathering traces

    def _gather_traces(self, executor: Executor, plan: TeachingPlan) -> DemoPool:
        if not plan.bootstrapped:
            return DemoPool(self.name2predictor)
        return gather_pool(
            executor,
            self.teacher,
            self.trainset,
            wanted=plan.pool,
            lessons=Lessons(
                judge=Judge(self.metric, self.metric_threshold),
                rounds=plan.rounds,
                attempts=plan.attempts,
                settings=self.teacher_settings,
            ),
            improve=lambda pool: self._compose(pool).program,
        ).pool

    def _compose(self, pool: DemoPool) -> Composition:
        settings = DemoSettings(
            max_bootstrapped=self.max_bootstrapped_demos,
            max_labeled=self.max_labeled_demos,
            embedder=self.embedder,
            seed=self.seed,
        )
        return compose(self.student, pool, self.trainset, settings)

    # Judging the result

    def _compare(self, executor: Executor, baseline: Any, tuned: Any, valset: Sequence[Any] | None) -> Comparison:
        if not valset or self.metric is None:
            return Comparison(baseline=None, tuned=None, gain=None)
        return compare_programs(executor, baseline, tuned, valset, self.metric)

    def _warnings(self, run: Run, tally: ErrorTally, pool: DemoPool) -> list[str]:
        warnings = [*run.warnings]
        if (errors := tally.warning()) is not None:
            warnings.append(errors)
        if self.max_bootstrapped_demos and not len(pool):
            warnings.append(
                "No training example was answered to the metric's satisfaction: there are no bootstrapped demos."
            )
        return warnings
