"""BootstrapFinetune: traces of a strong program become the weights of a small local model.

A drop-in for `dspy.BootstrapFinetune` (dspy/teleprompt/bootstrap_finetune.py): same arguments and exceptions, without
its hosted providers. Beyond it: inputs are split before anything is asked, rows belong to predictors by name and carry
the student's own prompt, T5 and every other encoder-decoder can be trained, a training resumes where it was cut off,
and the student replaces the program's models only where it beats the untrained model with and without demos on inputs
that nobody learned from.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dspy
from dspy.teleprompt.teleprompt import Teleprompter

from tunesmith.optim.bootstrap_finetune.compilation import Compilation, train_and_compare
from tunesmith.optim.bootstrap_finetune.plan import plan_finetune
from tunesmith.optim.finetune.base_models import model_to_train
from tunesmith.optim.finetune.comparison import ShippingRule
from tunesmith.optim.finetune.data import RATIONALE_MODES, split_by_input
from tunesmith.optim.finetune.extra import require_extra
from tunesmith.optim.finetune.options import STRATEGIES, TrainingRequest, training_options, wants_lora
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import ErrorTally, Executor, Judge, Run, open_run
from tunesmith.protocol import BootstrapFinetuneOptions, Rationale, Strategy

DEFAULTS = BootstrapFinetuneOptions()


class BootstrapFinetune(Teleprompter):  # type: ignore[misc]
    """Trains small local models to stand in for a program's language models.

    `model` is a name such as "local/smollm2-135m" or "google/flan-t5-small", or a folder; `program`, `examples` and
    `metric` are any that the other optimizers take:

    >>> import dspy
    >>> optimizer = BootstrapFinetune(metric, model=model, strategy="lora", epochs=2, compare=False)
    >>> with dspy.context(lm=lm):  # a strong one: it teaches
    ...     tuned = optimizer.compile(program, examples)
    >>> [student.method for student in optimizer.outcome.finetune.students]
    ['lora']

    Now `tuned` asks the student, which lies in a folder of its own; `tunesmith.optim.load_student` opens it again.
    """

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
        self.epochs = epochs
        self.learning_rate = learning_rate
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
        # The constructor keeps each option under its name.
        options = BootstrapFinetuneOptions(
            **{name: getattr(self, name) for name in BootstrapFinetuneOptions.__struct_fields__}
        )
        compilation = Compilation(
            student=student,
            source=model_to_train(self.model, student),
            trainset=list(trainset),
            teacher=teacher,
            judge=Judge(self.metric, self.metric_threshold),
            adapter=self.adapter or dspy.settings.adapter,
            options=options,
            request=TrainingRequest(strategy=self.strategy, multitask=self.multitask, options=self.options),
            rule=ShippingRule(keep_baseline=self.keep_baseline, strict=self.strict),
            plan=plan_finetune(options, split),
            seed=self.seed,
            folder=self.folder,
        )
        with open_run(self.run, self.run_dir, threads=self.num_threads, seed=self.seed) as run:
            executor = Executor(run, errors=ErrorTally(self.max_errors), threads=self.num_threads)
            concluded = train_and_compare(executor, compilation)
        self.outcome = concluded.outcome
        return concluded.program


def _first_of(given: Any) -> Any:
    """dspy takes a dictionary by LM: one student is made, from what is given for the first."""
    if isinstance(given, Mapping) and given and all(isinstance(key, dspy.BaseLM) for key in given):
        return next(iter(given.values()))
    return given
