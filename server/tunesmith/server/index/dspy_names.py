"""What dspy's names mean to the index: which are predictors, which tune, which declare.

The names under which a wrapper's own predictors appear were read from dspy 3.3 and 3.4 and are compared with the
running dspy by a test.
"""

from tunesmith.server.index.facts import ImportFact
from tunesmith.server.index.imports import follow

PREDICTORS: dict[str, tuple[str, ...]] = {
    "Predict": ("",),
    "ChainOfThought": ("predict",),
    "MultiChainComparison": ("predict",),
    "ReAct": ("react", "extract.predict"),
    "ReActV2": ("react",),
    "ProgramOfThought": ("code_generate.predict", "code_regenerate.predict", "generate_output.predict"),
    "CodeAct": ("codeact", "extractor.predict"),
    "RLM": ("generate_action", "extract"),
    "Flex": (),
}
"""Predictor class → the names `named_predictors()` gives below its attribute; "" is the object itself."""

WRAPPERS = frozenset({"BestOfN", "Refine"})
"""Modules around another one, kept under `module`."""

PARAMETERS = frozenset({"Predict", "Flex"})
"""Leaves: `named_parameters()` does not look inside them or their subclasses."""

OPTIMIZERS = frozenset(
    {
        "AvatarOptimizer", "BetterTogether", "BootstrapFewShot", "BootstrapFewShotWithOptuna",
        "BootstrapFewShotWithRandomSearch", "BootstrapFinetune", "BootstrapRS", "COPRO", "Ensemble", "GEPA",
        "InferRules", "KNNFewShot", "LabeledFewShot", "MIPROv2", "SIMBA", "Teleprompter",
    }
)  # fmt: skip
METRIC_FIRST = OPTIMIZERS - {"COPRO", "Ensemble", "InferRules", "KNNFewShot", "LabeledFewShot", "Teleprompter"}
"""Optimizers whose first positional argument is the metric."""

CALLABLE_BUT_NO_MODULE = frozenset(
    {
        "ColBERTv2", "Embedder", "Embeddings", "EmbeddingsWithScores", "Evaluate", "KNN", "LM", "Parallel",
        "PythonInterpreter", "Retrieve", "Tool",
    }
)  # fmt: skip
"""Objects programs keep and call, and `named_predictors()` does not show."""

_PACKAGES = ("dspy", "dsp", "tunesmith.optim")


def dspy_name(imports: list[ImportFact], dotted: str | None, defined: frozenset[str] = frozenset()) -> str | None:
    """The dspy name a dotted expression stands for (its last part), or None.

    `Predict` for `d.Predict` after `import dspy as d`; "" for the package itself. Tunesmith's optimizers are
    drop-ins and count as dspy's. `defined`: what the file defines itself, which hides a star import.
    """
    if dotted is None:
        return None
    imported = follow(imports, dotted)
    if imported is not None:
        if imported.level or not _is_dspy(imported.module):
            return None
        return imported.name.rpartition(".")[2]
    starred = any(fact.name == "*" and not fact.level and _is_dspy(fact.module) for fact in imports)
    return dotted if starred and dotted in _STARRED and dotted not in defined else None


def is_dspy_module(name: str) -> bool:
    """Whether the dspy name is a class of modules: `Module` itself, a predictor, a wrapper."""
    return name in ("Module", "Program") or name in PREDICTORS or name in WRAPPERS


def _is_dspy(module: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in _PACKAGES)


_STARRED = frozenset(
    {"Module", "Signature", "InputField", "OutputField", "Example", "make_signature", "Evaluate"}
    | PREDICTORS.keys()
    | WRAPPERS
    | OPTIMIZERS
)
