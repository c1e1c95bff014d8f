"""BootstrapFewShotWithRandomSearch: the search of MIPROv2 over demo sets alone.

A drop-in for `dspy.BootstrapFewShotWithRandomSearch` (dspy/teleprompt/random_search.py), with as many program calls at
most. dspy scores every set on every validation example; here sets that fall behind on the first examples are not
scored on the rest.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import dspy
from dspy.teleprompt.teleprompt import Teleprompter

from tunesmith.optim.demos import Embedder
from tunesmith.optim.mipro_v2.optimizer import MIPROv2
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import SearchReport, Selection

FIXED_SETS = 3
"""dspy's candidates beside the shuffled ones: zero-shot, labels only, first come."""


class BootstrapFewShotWithRandomSearch(Teleprompter):  # type: ignore[misc]
    """Tries several demo sets a predictor, and returns the program with those that are likely best.

    >>> import dspy
    >>> from dspy.utils import DummyLM
    >>> lengths = {"plum": "4", "fig": "3", "cherry": "6", "apple": "5", "quince": "6", "pear": "4"}
    >>> examples = [dspy.Example(word=word, length=length).with_inputs("word") for word, length in lengths.items()]
    >>> def is_right(example, prediction, trace=None):
    ...     return example.length == prediction.length
    >>> lm = DummyLM({word: {"length": "1"} for word in lengths}, follow_examples=True)  # copies what demos show
    >>> optimizer = BootstrapFewShotWithRandomSearch(is_right, num_candidate_programs=4)
    >>> with dspy.context(lm=lm):
    ...     program = optimizer.compile(dspy.Predict("word -> length"), trainset=examples, valset=examples)
    >>> optimizer.outcome.tuned.score, len(program.demos)
    (1.0, 6)
    """

    outcome: TuneOutcome
    """The verdict of the last `compile`."""
    search_report: SearchReport
    """What its search learnt of every demo set."""

    def __init__(
        self,
        metric: Callable[..., Any],
        teacher_settings: Mapping[str, Any] | None = None,
        max_bootstrapped_demos: int = 4,
        max_labeled_demos: int = 16,
        max_rounds: int = 1,
        num_candidate_programs: int = 16,
        num_threads: int | None = None,
        max_errors: int | None = None,
        stop_at_score: float | None = None,
        metric_threshold: float | None = None,
        *,
        selection: Selection = "max",
        embedder: Embedder | str | None = None,
        seed: int = 0,
        run_dir: str | Path | None = None,
        run: Run | None = None,
    ) -> None:
        """The first ten arguments mean what they mean in dspy, the others what they mean in `MIPROv2`."""
        super().__init__()
        self.metric = metric
        self.teacher_settings = dict(teacher_settings or {})
        self.max_num_samples = max_bootstrapped_demos
        self.max_labeled_demos = max_labeled_demos
        self.max_rounds = max_rounds
        self.num_candidate_sets = num_candidate_programs
        self.num_threads = num_threads
        self.max_errors = max_errors
        self.stop_at_score = stop_at_score
        self.metric_threshold = metric_threshold
        self.selection = selection
        self.embedder = embedder
        self.seed = seed
        self.run_dir = run_dir
        self.run = run

    def compile(
        self,
        student: Any,
        *,
        teacher: Any = None,
        trainset: Sequence[Any],
        valset: Sequence[Any] | None = None,
        restrict: Collection[int] | None = None,
        labeled_sample: bool = True,
    ) -> Any:
        """The student with its likely best demos. Its candidates are attached as `candidate_programs`, best first.

        Without `valset` a part of `trainset` is held out: dspy scores on the very examples the demos come from.
        `restrict` names dspy's candidates by number; here only how many it names counts. `labeled_sample` is accepted
        and changes nothing. Raises what `MIPROv2.compile` raises.
        """
        self.trainset, self.valset = trainset, valset
        numbers = set(range(-FIXED_SETS, self.num_candidate_sets))
        wanted = numbers if restrict is None else numbers.intersection(restrict)
        if not wanted:
            raise ValueError(f"restrict {restrict!r} names no candidate: they are {min(numbers)} to {max(numbers)}.")
        model = dspy.settings.lm or next((one.lm for one in student.predictors() if one.lm is not None), None)
        search = MIPROv2(
            self.metric,
            prompt_model=model,
            task_model=model,
            teacher_settings=self.teacher_settings,
            max_bootstrapped_demos=self.max_num_samples,
            max_labeled_demos=self.max_labeled_demos,
            auto=None,
            num_candidates=len(wanted),
            num_threads=self.num_threads,
            max_errors=self.max_errors,
            seed=self.seed,
            metric_threshold=self.metric_threshold,
            num_instructions=0,
            selection=self.selection,
            max_rounds=self.max_rounds,
            stop_at_score=self.stop_at_score,
            embedder=self.embedder,
            run_dir=self.run_dir,
            run=self.run,
        )
        # dspy scores each candidate on all of the data: one of these trials is the program as it came.
        program = search.compile(
            student,
            teacher=teacher,
            trainset=trainset,
            valset=valset,
            num_trials=max(len(wanted) - 1, 1),
            minibatch=False,
        )
        self.outcome, self.search_report = search.outcome, search.search_report
        return program
