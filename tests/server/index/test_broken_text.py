"""Half-typed and hostile text: never an error, spans always inside the text, last good facts where errors are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from tunesmith.server.index.facts import FileFacts, FunctionFact, ModuleFact, SignatureFact, Span
from tunesmith.server.index.syntax import read_facts

GOOD = '''import dspy
from pathlib import Path

class Größe(dspy.Signature):
    """Sag die Größe 🎉 von „x“."""

    frage: str = dspy.InputField(desc="日本語")
    antwort: list[str] = dspy.OutputField()

class Programm(dspy.Module):
    def __init__(self, k=3):
        super().__init__()
        self.ask = dspy.ChainOfThought(Größe)  # 🎉🎉
        self.steps = [dspy.Predict("frage, x: int -> wört: str") for _ in range(k)]
        self.tools = {"ä": dspy.Predict("a -> b")}

    def forward(self, frage):
        return self.ask(frage=frage)

def metric(gold, pred, trace=None):
    return gold.antwort == pred.antwort

trainset = [dspy.Example(frage="é", antwort="ü").with_inputs("frage")]
programm = Programm()
programm.load(Path(__file__).parent / "ünï.json")
if __name__ == "__main__":
    dspy.BootstrapFewShot(metric=metric).compile(programm, trainset=trainset)
'''
CRLF = GOOD.replace("\n", "\r\n")
BOM = "\ufeff" + GOOD


def spans(value: Any) -> list[Span]:
    if isinstance(value, Span):
        return [value]
    if isinstance(value, list):
        return [span for item in value for span in spans(item)]
    if isinstance(value, Struct):
        return [span for name in value.__struct_fields__ for span in spans(getattr(value, name))]
    return []


def check_spans(facts: FileFacts, text: str) -> None:
    starts = [0] + [at + 1 for at, character in enumerate(text) if character == "\n"]
    for span in spans(facts):
        assert 0 <= span.start <= span.end <= len(text)
        assert starts[span.line] + span.column == span.start
        assert starts[span.end_line] + span.end_column == span.end


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([GOOD, CRLF, BOM]), st.integers(0, len(CRLF)), st.text(max_size=4))
def test_any_truncation(text: str, at: int, typed: str) -> None:
    before = read_facts("a.py", text)
    check_spans(before, text)
    cut = text[:at] + typed
    check_spans(read_facts("a.py", cut, before), cut)
    gap = cut + text[at + 3 :]
    check_spans(read_facts("a.py", gap, before), gap)


@pytest.mark.parametrize("text", [GOOD, CRLF, BOM], ids=["lf", "crlf", "bom"])
def test_names_stand_where_their_spans_say(text: str) -> None:
    facts = read_facts("a.py", text)
    found: list[SignatureFact | ModuleFact | FunctionFact] = [*facts.signatures, *facts.modules, *facts.functions]
    named = [(fact.name, fact.name_span) for fact in found]
    named += [(field.name, field.span) for fact in facts.signatures for field in (*fact.inputs, *fact.outputs)]
    assert len(named) == 5
    assert [text[span.start : span.end] for _, span in named] == [name for name, _ in named]
    assert [text[f.span.start : f.span.end] for f in facts.modules[0].predictors[:1]] == ["dspy.ChainOfThought(Größe)"]
    assert not facts.broken


# What is typed into the good text → what must still be known of it.
HALF_TYPED = {
    "an open call in __init__": ("super().__init__()", "super().__init__("),
    "an open string": ('dspy.Predict("a -> b")', 'dspy.Predict("a -> b'),
    "an open base list": ("class Größe(dspy.Signature):", "class Größe(dspy.Signature"),
    "a field half typed": ("    antwort: list", "    neu: = \n    antwort: list"),
    "an open bracket below": ("programm = Programm()", "x = [1,\nprogramm = Programm()"),
    "an open import": ("import dspy\n", "import dspy\nfrom x import (\n"),
}


@pytest.mark.parametrize("case", HALF_TYPED)
def test_last_good_facts_stay(case: str) -> None:
    good = read_facts("a.py", GOOD)
    find, replacement = HALF_TYPED[case]
    assert find in GOOD
    text = GOOD.replace(find, replacement)
    facts = read_facts("a.py", text, good)
    assert facts.broken
    check_spans(facts, text)
    (signature,) = facts.signatures
    assert [field.name for field in (*signature.inputs, *signature.outputs)] == ["frage", "antwort"]
    (module,) = facts.modules
    assert [p.name for p in module.predictors] == ["ask", "steps*", "tools['ä']"]
    assert text[module.name_span.start : module.name_span.end] == "Programm"
    assert [fact.name for fact in facts.functions] == ["metric"]


def test_what_was_deleted_is_gone_even_beside_an_error() -> None:
    good = read_facts("a.py", GOOD)
    text = GOOD[GOOD.index("class Programm") :].replace("Größe", "X") + "\nx = ("
    facts = read_facts("a.py", "import dspy\n" + text, good)
    assert facts.broken
    assert facts.signatures == []


def test_intact_parts_are_fresh_beside_an_error() -> None:
    good = read_facts("a.py", GOOD)
    text = GOOD.replace("frage: str", "neu: int") + "\nx = ("
    facts = read_facts("a.py", text, good)
    assert [field.name for field in facts.signatures[0].inputs] == ["neu"]


HOSTILE = {
    "empty": "",
    "null bytes": "import dspy\0\0class S(dspy.Signature): pass",
    "one long line": "import dspy; x = '" + "a" * 1_000_000 + "'",
    "many pieces": "import dspy\nx = " + "+".join(["'a'"] * 20_000),
    "deep brackets": "import dspy\nx = " + "[" * 3_000 + "]" * 3_000,
    "deep calls": "import dspy\nx = " + "f(" * 1_000 + ")" * 1_000,
    "deep blocks": "import dspy\n" + "".join(" " * depth + "if x:\n" for depth in range(300)),
    "deep attribute in __init__": "import dspy\nclass P(dspy.Module):\n  def __init__(self):\n    self.x = "
    + "(" * 500
    + "1"
    + ")" * 500,
    "deep lists in __init__": "import dspy\nclass P(dspy.Module):\n  def __init__(self):\n    self.x = "
    + "[" * 2_000
    + "]" * 2_000,
    "lone surrogate": "import dspy\nx = '\ud800'\nclass S(dspy.Signature):\n    a = dspy.InputField()",
    "only a mark": "\ufeff",
    "carriage returns": "import dspy\rclass S(dspy.Signature):\r    a = dspy.InputField()\r",
    "binary": bytes(range(256)).decode("latin-1") * 20,
    "huge integers": "import dspy\nx = Path(" + "9" * 5_000 + ")",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text(case: str) -> None:
    text = HOSTILE[case]
    facts = read_facts("a.py", text)
    check_spans(facts, text)
    check_spans(read_facts("a.py", text[: len(text) // 2], facts), text[: len(text) // 2])


def test_escapes_python_warns_about_are_read_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    facts = read_facts(
        "a.py", 'import dspy\nclass S(dspy.Signature):\n    """Match \\d+."""\n    a = dspy.InputField()\n'
    )
    assert facts.signatures[0].instructions == "Match \\d+."
    assert len(recwarn) == 0
