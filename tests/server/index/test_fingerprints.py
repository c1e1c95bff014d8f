"""The static fingerprint: what changes it, what does not, and what a difference is called."""

from typing import Any

import pytest

from tunesmith.server.index.fingerprint import fingerprint_of, source_digests
from tunesmith.server.index.fingerprint_diff import diff_fingerprints

APP = '''import dspy

class Sig(dspy.Signature):
    """Answer."""

    question: str = dspy.InputField(desc="asked")
    context: list[str] = dspy.InputField()
    answer: str = dspy.OutputField()

class Program(dspy.Module):
    def __init__(self):
        super().__init__()
        self.ask = dspy.ChainOfThought(Sig)
        self.check = dspy.Predict("answer -> verdict: bool")
'''
FIELD_LINES = '    question: str = dspy.InputField(desc="asked")\n    context: list[str] = dspy.InputField()\n'

# what is edited → (kind, predictor, old, new, the text its place shows)
CHANGES: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "renamed field": ("question: str", "query: str", ("field-renamed", "ask.predict", "question", "query", "query")),
    "added field": (
        "    answer: str",
        "    hint: str = dspy.InputField()\n    answer: str",
        ("field-added", "ask.predict", None, "hint", "hint"),
    ),
    "removed field": (
        "    context: list[str] = dspy.InputField()\n",
        "",
        ("field-removed", "ask.predict", "context", None, "Sig"),
    ),
    "reordered fields": (
        FIELD_LINES,
        "".join(reversed(FIELD_LINES.splitlines(keepends=True))),
        ("fields-reordered", "ask.predict", "question, context", "context, question", "context"),
    ),
    "another type": ("answer: str", "answer: int", ("field-type", "ask.predict", "str", "int", "answer")),
    "another description": ('"asked"', '"wanted"', ("field-desc", "ask.predict", "asked", "wanted", "question")),
    "instructions": ("Answer.", "Reply.", ("instructions", "ask.predict", "Answer.", "Reply.", '"""Reply."""')),
    "added predictor": (
        "        self.check",
        '        self.new = dspy.Predict("x -> y")\n        self.check',
        ("predictor-added", "new", None, "new", 'dspy.Predict("x -> y")'),
    ),
    "removed predictor": (
        '        self.check = dspy.Predict("answer -> verdict: bool")\n',
        "",
        ("predictor-removed", "check", "check", None, None),
    ),
    "renamed predictor": (
        "self.check",
        "self.judge",
        ("predictor-renamed", "judge", "check", "judge", 'dspy.Predict("answer -> verdict: bool")'),
    ),
    "type in a string signature": (
        "verdict: bool",
        "verdict: str",
        ("field-type", "check", "bool", "str", "verdict"),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_one_change_one_difference(case: str, make_index) -> None:
    find, replacement, (kind, predictor, old, new, shown) = CHANGES[case]
    index = make_index({"app.py": APP})
    before = fingerprint_of(index.view.resolve_program("app.py", "Program"))
    text = APP.replace(find, replacement)
    assert text != APP
    index.update("app.py", text)
    program = index.view.resolve_program("app.py", "Program")
    (change,) = diff_fingerprints(before, program)
    assert (change.kind, change.predictor, change.old, change.new) == (kind, predictor, old, new)
    assert predictor in change.message
    assert change.path == "app.py"
    if shown is not None:
        assert text[change.span.start : change.span.end] == shown
    assert fingerprint_of(program).digest != before.digest


def test_default_instructions_are_not_told_beside_the_field_that_changed_them(make_index) -> None:
    index = make_index({"app.py": APP})
    before = fingerprint_of(index.view.resolve_program("app.py", "Program"))
    index.update("app.py", APP.replace("verdict: bool", "judgement: bool"))
    (change,) = diff_fingerprints(before, index.view.resolve_program("app.py", "Program"))
    assert (change.kind, change.old, change.new) == ("field-renamed", "verdict", "judgement")


SAME = {
    "moved": ("import dspy\n", "import dspy\n\nx = 1\n"),
    "formatted": ("context: list[str] =", "context: list[ str ] ="),
    "unrelated method": (
        'verdict: bool")\n',
        'verdict: bool")\n\n    def forward(self, question):\n        return question\n',
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_what_does_not_matter(case: str, make_index) -> None:
    find, replacement = SAME[case]
    index = make_index({"app.py": APP})
    before = fingerprint_of(index.view.resolve_program("app.py", "Program"))
    text = APP.replace(find, replacement)
    assert text != APP
    index.update("app.py", text)
    program = index.view.resolve_program("app.py", "Program")
    assert diff_fingerprints(before, program) == []
    assert fingerprint_of(program).digest == before.digest


def test_a_signature_in_another_file(make_index) -> None:
    signature, module = APP.split("class Program", 1)
    files = {"sigs.py": signature, "app.py": f"import dspy\nfrom sigs import Sig\nclass Program{module}"}
    index = make_index(files)
    before = fingerprint_of(index.view.resolve_program("app.py", "Program"))
    digests = source_digests(index.view, index.view.resolve_program("app.py", "Program"))
    assert sorted(digests) == ["app.py", "sigs.py"]
    index.update("sigs.py", signature.replace("answer: str", "answer: int"))
    program = index.view.resolve_program("app.py", "Program")
    (change,) = diff_fingerprints(before, program)
    assert (change.path, change.kind) == ("sigs.py", "field-type")
    changed = source_digests(index.view, program)
    assert changed["app.py"] == digests["app.py"]
    assert changed["sigs.py"] != digests["sigs.py"]


def test_dynamic_names_are_cannot_tell(make_index) -> None:
    text = APP + "        self.steps = [dspy.Predict(s) for s in make()]\n"
    index = make_index({"app.py": text})
    before = fingerprint_of(index.view.resolve_program("app.py", "Program"))
    assert before.dynamic == ["steps*"]
    index.update("app.py", text.replace("make()", "more()"))
    (change,) = diff_fingerprints(before, index.view.resolve_program("app.py", "Program"))
    assert (change.kind, change.predictor) == ("cannot-tell", "steps*")
    index.update("app.py", text.replace("[dspy.Predict(s) for s in make()]", '[dspy.Predict("a -> b")]'))
    kinds = {change.kind for change in diff_fingerprints(before, index.view.resolve_program("app.py", "Program"))}
    assert kinds == {"cannot-tell"}  # `steps[0]` may have been there all along
