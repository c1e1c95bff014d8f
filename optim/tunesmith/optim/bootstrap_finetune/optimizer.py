"""BootstrapFinetune: traces of a strong program become the weights of a small local model.

A drop-in for `dspy.BootstrapFinetune` (dspy/teleprompt/bootstrap_finetune.py): same arguments and exceptions, without
its hosted providers. Beyond it: inputs are split before anything is asked, rows belong to predictors by name and carry
the student's own prompt, T5 and every other encoder-decoder can be trained, a training resumes where it was cut off,
and the student replaces the program's models only where it beats the untrained model with and without demos on inputs
that nobody learned from.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import dspy
from dspy.teleprompt.teleprompt import Teleprompter

from tunesmith.optim.bootstrap_finetune.attempt import Attempt, students_folder, train_attempt
from tunesmith.optim.bootstrap_finetune.conclusion import Conclusion, conclude, give_up
from tunesmith.optim.bootstrap_finetune.few_shot import FewShot
from tunesmith.optim.demos import Lessons
from tunesmith.optim.finetune.base_models import model_to_train
from tunesmith.optim.finetune.comparison import ANSWERS_AT_ONCE, Contestant, Examination, ShippingRule
from tunesmith.optim.finetune.data import (
    RATIONALE_MODES,
    Collected,
    Curriculum,
    Split,
    Teaching,
    build_dataset,
    check_teachers,
    collect_traces,
    has_reasoning,
    split_by_input,
    with_labelled,
)
from tunesmith.optim.finetune.extra import require_extra
from tunesmith.optim.finetune.options import STRATEGIES, TrainingRequest, training_options, wants_lora
from tunesmith.optim.finetune.serving import untuned_program
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import (
    ErrorTally,
    Executor,
    Judge,
    Run,
    digest,
    evaluate,
    example_fingerprints,
    open_run,
    place_examples,
    program_fingerprint,
)
from tunesmith.protocol import Analysed, ArmName, BootstrapFinetuneOptions, Rationale, RationaleMode, Strategy
from tunesmith.protocol.student import ModelSource

DEFAULTS = BootstrapFinetuneOptions()


class BootstrapFinetune(Teleprompter):  # type: ignore[misc]
    """Trains small local models to stand in for a program's language models."""

    outcome: TuneOutcome
    """The verdict of the last `compile`. `outcome.finetune` says what was trained, why, and how it compares."""

    def __init__(
        self,
        metric: Callable[..., Any] | None = None,
        multitask: bool = DEFAULTS.multitask,
        train_kwargs: Mapping[Any, Any] | None = None,
        adapter: Any = None,
        exclude_demos: bool = DEFAULTS.exclude_demos,
        num_threads: int | None = None,
        *,
        model: str | None = None,
        strategy: Strategy = DEFAULTS.strategy,
        epochs: float | None = None,
        learning_rate: float | None = None,
        metric_threshold: float | None = None,
        teacher_settings: Mapping[str, Any] | None = None,
        teacher_demos: int = DEFAULTS.teacher_demos,
        samples: int = DEFAULTS.samples,
        use_labels: bool = DEFAULTS.use_labels,
        rationale: Rationale = DEFAULTS.rationale,
        compare: bool = DEFAULTS.compare,
        keep_baseline: bool | None = None,
        strict: bool = DEFAULTS.strict,
        max_errors: int | None = None,
        seed: int = 0,
        folder: str | Path | None = None,
        run_dir: str | Path | None = None,
        run: Run | None = None,
    ) -> None:
        """The first six arguments mean what they mean in dspy. `train_kwargs` are fields of `TrainSettings`, or the
        names dspy's trainers know them by; per LM, those of the first are taken.

        Args:
            model: What the student is made from: `local/NAME`, a folder, a .gguf file or a Hugging Face id. None:
                the model the program already asks, where it lies on this machine.
            strategy: `full`, `lora`, `prompt`, `multitask` (one student for all predictors), or `auto`.
            epochs, learning_rate: Shorthands for the same `train_kwargs`.
            metric_threshold: From which score a trace is taught; None: anything but zero.
            teacher_settings: dspy settings the teachers run under, such as `lm`.
            teacher_demos: Demos a predictor that the program is given to be its own teacher; 0: it teaches as it came.
            samples: Times each teacher answers each example; all that pass are taught.
            use_labels: Examples that no teacher got right but that hold a predictor's outputs are taught by those.
            rationale: What a reasoning module is taught to write; `auto`: what serves best on the development split.
            compare: Score base, few-shot, tuned and teacher on what was held out.
            keep_baseline: True: return the program as it came where the student is not likely better than the
                untrained model. None: as `strict`.
            strict: Only a confirmed gain replaces it.
            folder: Where students are written; None: in `run_dir`, else in the user's data folder.
            run_dir: A folder that keeps every call and rollout, so that the same `compile` resumes there.
            run: An execution under way, in place of `run_dir`.

        Raises `ValueError` for a strategy or a training option that does not exist or fit.
        """
        super().__init__()
        if strategy not in STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, not {strategy!r}.")
        if rationale not in ("auto", *RATIONALE_MODES):
            raise ValueError(f"rationale must be auto or one of {', '.join(RATIONALE_MODES)}, not {rationale!r}.")
        if samples < 1:
            raise ValueError(f"samples must be at least 1, not {samples}.")
        given = _first_of(train_kwargs) or {}
        shorthands = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed}
        stated = {name: value for name, value in shorthands.items() if value is not None}
        self.options = training_options({**stated, **given})
        self.strategy: Strategy = "lora" if strategy == "auto" and wants_lora(given) else strategy
        self.metric = metric
        self.multitask = multitask
        self.train_kwargs = train_kwargs
        self.adapter = _first_of(adapter)
        self.exclude_demos = exclude_demos
        self.num_threads = num_threads
        self.model = model
        self.metric_threshold = metric_threshold
        self.teacher_settings = dict(teacher_settings or {})
        self.teacher_demos = teacher_demos
        self.samples = samples
        self.use_labels = use_labels
        self.rationale = rationale
        self.compare = compare
        self.keep_baseline = strict if keep_baseline is None else keep_baseline
        self.strict = strict
        self.max_errors = max_errors
        self.seed = seed
        self.folder = folder
        self.run_dir = run_dir
        self.run = run

    def compile(
        self,
        student: Any,
        trainset: Sequence[Any],
        teacher: Any = None,
        *,
        valset: Sequence[Any] | None = None,
    ) -> Any:
        """The student with finetuned models set as its predictors' LMs; as it came where they were not worth it.

        `teacher`: a program, or several in a list. None: the student with demos teaches itself, under
        `teacher_settings`. `valset`: the held-out inputs; None: a third of the training data. Neither the programs
        nor the data given are changed. A run that is cancelled keeps what its training had learned; `outcome` says
        so. Raises `ValueError` for data that cannot be used, and `FinetuneError` for all else a user can mend.
        """
        require_extra()
        split = split_by_input(trainset, self.seed, valset=valset)
        case = _Case(self, student, model_to_train(self.model, student), list(trainset), split)
        with open_run(self.run, self.run_dir, threads=self.num_threads, seed=self.seed) as run:
            concluded = case.tune(run, teacher)
        self.outcome = concluded.outcome
        return concluded.program


def _first_of(given: Any) -> Any:
    """dspy takes a dictionary by LM: one student is made, from what is given for the first."""
    if isinstance(given, Mapping) and given and all(isinstance(key, dspy.BaseLM) for key in given):
        return next(iter(given.values()))
    return given


class _Case:
    """One `compile`: what is the same for all of its steps."""

    def __init__(
        self, optimizer: BootstrapFinetune, student: Any, source: ModelSource, trainset: list[Any], split: Split
    ) -> None:
        self.optimizer, self.student, self.source = optimizer, student, source
        self.trainset, self.split = trainset, split
        self.judge = Judge(optimizer.metric, optimizer.metric_threshold)
        self.tally = ErrorTally(optimizer.max_errors)
        self.adapter = optimizer.adapter or dspy.settings.adapter

    def tune(self, run: Run, teacher: Any) -> Conclusion:
        """The whole way: traces, rows, training, the choice among rationales, the comparison."""
        run.emit(Analysed(lines=[self.split.line]))
        teachers = self._teachers(run, teacher)
        warnings = check_teachers(self.student, teachers)
        collected = self._collect(run, teachers)
        warnings += collected.warnings
        if run.stopped is not None:
            return give_up(run, self.student, warnings)
        attempts = [self._train(run, collected, rationale) for rationale in self._rationales()]
        chosen = self._best(run, attempts)
        return conclude(
            run,
            self.student,
            chosen,
            self._contestants(teachers, collected, chosen),
            Examination(examples=self.split.test, judge=self.judge, errors=self.tally),
            ShippingRule(keep_baseline=self.optimizer.keep_baseline, strict=self.optimizer.strict),
            warnings,
        )

    # Teaching

    def _teachers(self, run: Run, teacher: Any) -> list[Teaching]:
        given = teacher if isinstance(teacher, list | tuple) else [teacher]
        settings = self.optimizer.teacher_settings
        return [(self._self_taught(run) if program is None else program, settings) for program in given or [None]]

    def _self_taught(self, run: Run) -> Any:
        """The student with demos, which a small model needs to be right often enough; a compiled one has its own."""
        if not self.optimizer.teacher_demos or getattr(self.student, "_compiled", False):
            return self.student
        return self._few_shot(self.optimizer.teacher_demos).bootstrapped(
            Executor(run, errors=self.tally, threads=self.optimizer.num_threads),
            self.split.train,
            Lessons(judge=self.judge, settings=self.optimizer.teacher_settings),
        )

    def _few_shot(self, demos: int) -> FewShot:
        return FewShot(student=self.student, demos=demos, seed=self.optimizer.seed)

    def _collect(self, run: Run, teachers: Sequence[Teaching]) -> Collected:
        collected = collect_traces(
            run,
            Curriculum(teachers=teachers, samples=self.optimizer.samples, places=self.split.taught_places),
            self.trainset,
            self.judge,
            threads=self.optimizer.num_threads,
            # Runs that fail are part of gathering: they are skipped and counted.
            errors=ErrorTally(self.optimizer.max_errors),
        )
        if not self.optimizer.use_labels:
            return collected
        return with_labelled(collected, self.student, self.trainset, self.judge, only=self.split.taught_places)

    # Training

    def _rationales(self) -> list[RationaleMode]:
        """Ways to teach a reasoning; one where nothing reasons, or nothing is there to choose by."""
        if self.optimizer.rationale != "auto":
            return [self.optimizer.rationale]
        reasons = any(has_reasoning(predictor) for predictor in self.student.predictors())
        return list(RATIONALE_MODES) if reasons and self.split.dev and self.optimizer.metric else ["joint"]

    def _train(self, run: Run, collected: Collected, rationale: RationaleMode) -> Attempt:
        dataset = build_dataset(
            self.student,
            collected,
            self.split,
            adapter=self.adapter,
            rationale=rationale,
            exclude_demos=self.optimizer.exclude_demos,
        )
        run.emit(Analysed(lines=dataset.lines))
        return train_attempt(
            run,
            self.student,
            self.source,
            dataset,
            TrainingRequest(
                strategy=self.optimizer.strategy, multitask=self.optimizer.multitask, options=self.optimizer.options
            ),
            exclude_demos=self.optimizer.exclude_demos,
            folder=self._folder(run) / rationale,
        )

    def _folder(self, run: Run) -> Path:
        run_folder = run.store.path.parent if run.store.path is not None else None
        made_of = digest(
            self.source.name,
            program_fingerprint(self.student, None, self.adapter),
            *example_fingerprints(self.split.train),
        )
        return students_folder(self.optimizer.folder, run_folder, made_of)

    def _best(self, run: Run, attempts: Sequence[Attempt]) -> Attempt:
        """By the metric on the development split, where there is a choice; the first of equals."""
        if len(attempts) == 1:
            return attempts[0]
        return max(attempts, key=lambda attempt: self._dev_score(run, attempt))

    def _dev_score(self, run: Run, attempt: Attempt) -> float:
        threads = max(self.optimizer.num_threads or 0, ANSWERS_AT_ONCE)
        with dspy.context(adapter=self.adapter):
            rollouts = evaluate(
                Executor(run, errors=self.tally, threads=threads),
                attempt.program,
                place_examples(self.split.dev),
                Judge(self.optimizer.metric),
                candidate=attempt.name,
                phase="choosing among rationales",
            )
        return fmean(rollout.score or 0.0 for rollout in rollouts)

    # Judging

    def _contestants(self, teachers: Sequence[Teaching], collected: Collected, chosen: Attempt) -> list[Contestant]:
        """What is compared, what the verdict needs first; nothing where there is no metric to judge by."""
        if not self.optimizer.compare or self.optimizer.metric is None:
            return []
        teacher, settings = teachers[0]
        few_shot = self._few_shot(self.optimizer.teacher_demos or DEFAULTS.teacher_demos).from_traces(
            collected.traces, self.trainset, self.split.taught_places
        )
        programs: dict[ArmName, Any] = {
            "tuned": chosen.program,
            "few-shot": untuned_program(few_shot, chosen.trained),
            "base": untuned_program(self.student, chosen.trained),
        }
        threads = max(self.optimizer.num_threads or 0, ANSWERS_AT_ONCE)
        here: dict[str, Any] = {"settings": {"adapter": self.adapter}, "threads": threads}
        return [
            *(Contestant(name=name, program=program, **here) for name, program in programs.items()),
            Contestant(name="teacher", program=teacher, settings=settings, threads=self.optimizer.num_threads),
        ]
