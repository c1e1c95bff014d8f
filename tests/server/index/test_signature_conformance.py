"""Signatures read statically equal what dspy builds from the same text: fields, order, instructions, descriptions."""

import typing
from textwrap import dedent

import dspy
import pytest

from tunesmith.server.index.report import index_report

CASES = {
    "docstring": '''
        class Sig(dspy.Signature):
            """Answer.

                Be brief.
            """
            question: str = dspy.InputField(desc="what is asked")
            answer: str = dspy.OutputField()
        ''',
    "defaults": """
        class Sig(dspy.Signature):
            b = dspy.OutputField(desc="say" " it")
            a = dspy.InputField()
            c: int = dspy.OutputField(description="a number")
            d: list[str] = dspy.InputField()
        """,
    "empty docstring": '''
        class Sig(dspy.Signature):
            """"""
            a = dspy.InputField()
            b = dspy.OutputField()
        ''',
    "aliased fields": """
        from dspy import InputField as In, OutputField, Signature as S
        class Sig(S):
            a: str = In()
            b: "str" = OutputField()
            _private: int = 3
        """,
    "inherited fields and instructions": '''
        class Base(dspy.Signature):
            """Base instructions."""
            a: str = dspy.InputField()
            b: str = dspy.OutputField()
        class Sig(Base):
            c: str = dspy.InputField()
            b: int = dspy.OutputField(desc="changed")
        ''',
    "inherited default instructions": """
        class Base(dspy.Signature):
            a: str = dspy.InputField()
            b: str = dspy.OutputField()
        class Sig(Base):
            c: str = dspy.InputField()
        """,
    "input becomes output": '''
        class Base(dspy.Signature):
            """Base."""
            a: str = dspy.InputField()
            b: str = dspy.InputField()
            c: str = dspy.OutputField()
        class Sig(Base):
            """Own."""
            b: str = dspy.OutputField()
        ''',
    "two bases": '''
        class One(dspy.Signature):
            """One."""
            a: str = dspy.InputField()
            b: str = dspy.OutputField()
        class Two(dspy.Signature):
            """Two."""
            c: str = dspy.InputField()
            d: str = dspy.OutputField()
        class Sig(One, Two):
            pass
        ''',
    "docstring by name": """
        TEXT = "From a name."
        class Sig(dspy.Signature):
            __doc__ = TEXT
            a: str = dspy.InputField(desc=TEXT)
            b: str = dspy.OutputField()
        """,
    "string": 'Sig = dspy.Signature("question, context: list[str] -> answer, score: float")',
    "typed string": """Sig = dspy.Signature("q -> label: Literal['x', 'y'], extra: Optional[dict[str, int]]")""",
    "string with instructions": 'Sig = dspy.Signature("q -> a", "  Answer.\\n    Briefly.")',
    "string with keyword": 'Sig = dspy.Signature("q -> a", instructions="Answer.")',
    "derived": 'Sig = dspy.Signature("q -> a").with_instructions("Answer.")',
    "derived from a class": '''
        class Base(dspy.Signature):
            """Base."""
            a: str = dspy.InputField(desc="x")
            b: int = dspy.OutputField()
        Sig = Base.with_instructions("New.")
        ''',
    "dictionary": """
        Sig = dspy.Signature({
            "a": (str, dspy.InputField(desc="x")),
            "b": (list[int], dspy.OutputField()),
        }, "Do it.")
        """,
    "dictionary without instructions": """
        Sig = dspy.Signature({"a": dspy.InputField(), "b": (bool, dspy.OutputField())})
        """,
    "make_signature": """
        from dspy.signatures import make_signature
        Sig = make_signature("a -> b", "Made.")
        """,
    "string by name": 'SHAPE = "a, b -> c"\nSig = dspy.Signature(SHAPE)',
}


@pytest.mark.parametrize("case", CASES)
def test_equals_dspy(case: str, make_index) -> None:
    text = "import dspy\nfrom typing import *\n" + dedent(CASES[case])
    found = make_index({"app.py": text}).view.signature("app.py", "Sig")
    assert found is not None
    namespace: dict[str, typing.Any] = {}
    exec(text, namespace)
    real = namespace["Sig"]
    fact = found.fact
    assert not fact.dynamic
    assert fact.instructions == real.instructions
    check_fields(fact.inputs, real.input_fields, namespace)
    check_fields(fact.outputs, real.output_fields, namespace)


def check_fields(facts, fields, namespace) -> None:
    assert [fact.name for fact in facts] == list(fields)
    for fact in facts:
        field = fields[fact.name]
        described = field.json_schema_extra["desc"]
        assert (fact.desc if fact.desc is not None else f"${{{fact.name}}}") == described
        said = eval(fact.type, namespace)
        assert (eval(said, namespace) if isinstance(said, str) else said) == field.annotation


DYNAMIC = {
    "computed docstring": """
        class Sig(dspy.Signature):
            __doc__ = make()
            a = dspy.InputField()
        """,
    "computed description": """
        class Sig(dspy.Signature):
            a = dspy.InputField(desc=f"{x}")
        """,
    "computed field": """
        class Sig(dspy.Signature):
            a: str = make_field()
        """,
    "branch": """
        class Sig(dspy.Signature):
            if x:
                a: str = dspy.InputField()
        """,
    "f-string": 'Sig = dspy.Signature(f"{a} -> b")',
    "variable instructions": 'Sig = dspy.Signature("a -> b", text())',
    "invalid string": 'Sig = dspy.Signature("a -> b -> c")',
    "invalid type": 'Sig = dspy.Signature("a: list[ -> b")',
    "same name on both sides": 'Sig = dspy.Signature("a -> a")',
    "unknown base": """
        from somewhere import Base
        class Sig(Base, dspy.Signature):
            a = dspy.InputField()
        """,
    "appended": """
        class Base(dspy.Signature):
            a = dspy.InputField()
        Sig = Base.append_instructions("more")
        """,
    "dictionary with a variable": 'Sig = dspy.Signature({"a": (str, dspy.InputField()), name: (str, f)})',
}


@pytest.mark.parametrize("case", DYNAMIC)
def test_what_cannot_be_known_is_dynamic(case: str, make_index) -> None:
    found = make_index({"app.py": "import dspy\n" + dedent(DYNAMIC[case])}).view.signature("app.py", "Sig")
    assert found is not None
    assert found.fact.dynamic


NOT_SIGNATURES = {
    "same name, no import": "class Sig(Signature):\n    a = InputField()\n# dspy",
    "other library": "import dspy\nfrom other import Signature\nclass Sig(Signature):\n    a: int = 3",
    "inspect": "import dspy\nfrom inspect import Signature\nclass Sig(Signature):\n    pass",
    "a list's append": "import dspy\nSig = things.append('x')",
    "string constant": "import dspy\nSig = 'a -> b'",
}


@pytest.mark.parametrize("case", NOT_SIGNATURES)
def test_nothing_by_bare_name(case: str, make_index) -> None:
    index = make_index({"app.py": NOT_SIGNATURES[case]})
    assert index.view.signature("app.py", "Sig") is None
    assert index_report(index.view, None).signatures == []


def test_field_spans_stand_inside_the_string(make_index) -> None:
    text = 'import dspy\n# ünï 🎉\nSig = dspy.Signature("frage, kontext: str -> antwört")\n'
    fact = make_index({"app.py": text}).view.signature("app.py", "Sig").fact
    assert [text[f.span.start : f.span.end] for f in (*fact.inputs, *fact.outputs)] == ["frage", "kontext", "antwört"]
    assert [f.span.column for f in fact.inputs] == [22, 29]


def test_dspy_is_what_it_is_compared_with() -> None:
    assert issubclass(dspy.Signature("a -> b"), dspy.Signature)
