"""What dspy's names mean and how its versions differ, as plain data for the index, the rules and the worker.

Read from the wheels of dspy 2.4.17 to 3.4.1, and compared with the installed dspy by a test. What is said of 3.5 and
3.6 was announced in 3.4's warnings and in dspy's guide `community/upgrading-to-3-5`.
"""

from collections.abc import Mapping
from typing import NamedTuple

Version = tuple[int, int]
"""Major and minor: what is the same in all patches of a version."""

SUPPORTED = "dspy>=3.3,<4"
"""What pip is asked for. `optim/worker/requirements.py`, which must run without this package, says it again."""
LOWEST: Version = (3, 3)
BELOW: Version = (4, 0)
NEWEST_READ: Version = (3, 4)
"""The newest version whose source was read."""


# Modules and other objects a program is made of


class DefaultAdapter(NamedTuple):
    """The adapter of calls for which the settings name none."""

    name: str
    """A class of `dspy`."""
    arguments: Mapping[str, object]
    """It is constructed with these."""


class DspyVersion(NamedTuple):
    """What holds from one version on, until the next entry of `VERSIONS`."""

    since: Version
    default_adapter: DefaultAdapter
    predictors: Mapping[str, tuple[str, ...]]
    """Predictor class → the names `named_predictors()` gives below its attribute; "" is the object itself."""


_PREDICTORS: dict[str, tuple[str, ...]] = {
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

VERSIONS = (
    DspyVersion(since=(3, 3), default_adapter=DefaultAdapter("ChatAdapter", {}), predictors=_PREDICTORS),
    DspyVersion(
        since=(3, 5),
        default_adapter=DefaultAdapter("XMLAdapter", {"use_native_function_calling": True}),
        predictors={
            name: below
            for name, below in {**_PREDICTORS, "ReAct": ("react",)}.items()
            if name not in ("ProgramOfThought", "CodeAct")
        },
    ),
)
"""Oldest first."""


def facts_of(version: Version) -> DspyVersion:
    """The last entry of `VERSIONS` that is not newer; the first for versions older than all."""
    return next((facts for facts in reversed(VERSIONS) if facts.since <= version), VERSIONS[0])


WRAPPERS = frozenset({"BestOfN", "Refine"})
"""Modules around another one, kept under `module`."""

PARAMETERS = frozenset({"Predict", "Flex"})
"""Leaves: `named_parameters()` does not look inside them or their subclasses."""

INSTRUCTION_WRITERS = frozenset({"ReAct", "ReActV2", "CodeAct", "ProgramOfThought", "RLM", "Avatar"})
"""Modules that write instructions of their own: tools to choose from, a protocol to keep."""

CALLABLE_BUT_NO_MODULE = frozenset(
    {
        "ColBERTv2", "Embedder", "Embeddings", "EmbeddingsWithScores", "Evaluate", "KNN", "LM", "Parallel",
        "PythonInterpreter", "Retrieve", "Tool",
    }
)  # fmt: skip
"""Objects programs keep and call, and `named_predictors()` does not show."""

DEFAULT_INSTRUCTION = ("Given the fields ", ", produce the fields ", ".")
"""What a signature instructs where nobody wrote instructions: text before the inputs' names, before the outputs' and
after them, the names in backticks and parted by commas (dspy/signatures/signature.py, the same since 2.4)."""


# Optimizers

OPTIMIZERS = frozenset(
    {
        "AvatarOptimizer", "BetterTogether", "BootstrapFewShot", "BootstrapFewShotWithOptuna",
        "BootstrapFewShotWithRandomSearch", "BootstrapFinetune", "BootstrapRS", "COPRO", "Ensemble", "GEPA",
        "InferRules", "KNNFewShot", "LabeledFewShot", "MIPROv2", "SIMBA", "Teleprompter",
    }
)  # fmt: skip
"""Classes whose `compile` tunes a program, dspy's and ours, which share their names."""

METRIC_FIRST = OPTIMIZERS - {"COPRO", "Ensemble", "InferRules", "KNNFewShot", "LabeledFewShot", "Teleprompter"}
"""Optimizers whose first positional argument is the metric."""


# What is gone


class RetiredName(NamedTuple):
    """A name of dspy that older code uses."""

    name: str
    """As written after `dspy.` or `dspy.teleprompt.`."""
    gone: Version
    """The first version without it."""
    instead: str
    """What does its work now."""
    deprecated: Version | None = None
    """The first version that warns of it; None: none did."""


class RetiredArgument(NamedTuple):
    """A keyword that a function or class of dspy no longer takes, or takes and passes over."""

    callables: tuple[str, ...]
    """Of `dspy`."""
    argument: str
    deprecated: Version
    instead: str
    """What to write; empty: nothing."""


_OLD_CLIENTS = (
    "AWSAnthropic", "AWSMeta", "AWSMistral", "AWSModel", "Anyscale", "AzureOpenAI", "Bedrock", "ChatModuleClient",
    "Clarifai", "Claude", "CloudflareAI", "Cohere", "Databricks", "GROQ", "Google", "GoogleVertexAI",
    "HFClientSGLang", "HFClientTGI", "HFClientVLLM", "HFModel", "HFServerTGI", "LlamaCpp", "Mistral", "MultiOpenAI",
    "OllamaLocal", "OpenAI", "PremAI", "Sagemaker", "Snowflake", "Together", "Watsonx", "You",
)  # fmt: skip
_OLD_REQUESTS = (
    "Assistant", "Developer", "LMConfig", "LMMessage", "LMRequest", "LMResponse", "System", "ToolCall", "ToolResult",
    "User",
)  # fmt: skip

RETIRED: Mapping[str, RetiredName] = {
    retired.name: retired
    for retired in (
        *[RetiredName(name, (2, 6), 'dspy.LM("PROVIDER/MODEL")') for name in _OLD_CLIENTS],
        RetiredName("Assert", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("Suggest", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("Retry", (2, 6), "dspy.Refine"),
        RetiredName("assert_transform_module", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("backtrack_handler", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("DSPyAssertionError", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("DSPySuggestionError", (2, 6), "dspy.Refine or dspy.BestOfN"),
        RetiredName("TypedPredictor", (2, 6), "dspy.Predict"),
        RetiredName("TypedChainOfThought", (2, 6), "dspy.ChainOfThought"),
        RetiredName("FunctionalModule", (2, 6), "dspy.Module"),
        RetiredName("MIPRO", (2, 6), "dspy.MIPROv2"),
        RetiredName("BayesianSignatureOptimizer", (2, 6), "dspy.MIPROv2"),
        RetiredName("SignatureOptimizer", (2, 6), "dspy.COPRO"),
        RetiredName("RetrieveThenRerank", (2, 6), "dspy.Embeddings, or a function of your own"),
        RetiredName("Pyserini", (2, 6), "dspy.Embeddings, or a function of your own"),
        RetiredName("ColBERTv2RetrieverLocal", (2, 6), "dspy.Embeddings, or a function of your own"),
        RetiredName("ColBERTv2RerankerLocal", (2, 6), "dspy.Embeddings, or a function of your own"),
        RetiredName("ChainOfThoughtWithHint", (3, 0), "dspy.ChainOfThought with an input field `hint`"),
        RetiredName("Program", (3, 0), "dspy.Module"),
        RetiredName("BaseType", (3, 0), "dspy.Type"),
        *[RetiredName(name, (3, 4), "the types of dspy.lm15") for name in _OLD_REQUESTS],
        RetiredName("ProgramOfThought", (3, 5), "dspy.RLM", deprecated=(3, 4)),
        RetiredName("CodeAct", (3, 5), "dspy.RLM", deprecated=(3, 4)),
        RetiredName("ReActV2", (3, 6), "dspy.ReAct", deprecated=(3, 5)),
    )
}
"""By name."""

RETIRED_ARGUMENTS = (
    RetiredArgument(("InputField", "OutputField"), "prefix", (3, 2), ""),
    RetiredArgument(("InputField", "OutputField"), "format", (3, 2), ""),
    RetiredArgument(("InputField", "OutputField"), "parser", (3, 2), ""),
    RetiredArgument(("MIPROv2.compile",), "requires_permission_to_run", (3, 0), ""),
    RetiredArgument(("LM.__call__", "LM.acall"), "messages", (3, 4), "a dspy.lm15.Request, or a text"),
)
