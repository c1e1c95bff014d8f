"""`‸` is the cursor; what is expected is the text once the suggestion is accepted."""

import ast
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import student
from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.edits.program_edit import TextEdit, apply_edits
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.features.inline_completion import fill_gap, find_gaps
from tunesmith.server.index.fingerprint import fingerprint_of

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
BEFORE = "Sort it."
ONE_LINE = "Sort it well."
LINES = 'Say "a" or "b".\n\nNothing else.'
INDENTED = 'Say:\n  "a"'
DEMO = {"augmented": True, "text": "a", "label": "b"}
CLASS = """
import dspy


class Sort(dspy.Signature):
    DOCSTRING
    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)


bot = Bot()
"""
MODULE = """
import dspy


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict("text -> label")IN_CLASS
        self.find = dspy.ChainOfThought("text -> found")
        self.agent = dspy.ReAct("text -> answer", tools=[])


bot = Bot()AFTER
"""


class Bench:
    """A workspace whose newest run found something; `program.json` says what."""

    def __init__(self, root: Path, text: str, files: dict[str, str] | None = None, **artifact: Any) -> None:
        self.workspace = workspace_of(root, {"pyproject.toml": PYPROJECT, "app.py": text, **(files or {})})
        program = self.workspace.snapshot().find_target("bot").program
        assert program is not None
        names = [one.name for one in program.predictors]
        demos = {name: [dict(DEMO)] for name in artifact.pop("demos", ())}
        told = artifact.pop("instructions", {})
        self.artifact = artifact_report(
            target="bot",
            fingerprint=fingerprint_of(program),
            demos=demos,
            predictors=names,
            instructions={name: (BEFORE, text) for name, text in told.items()},
            **artifact,
        )
        state: dict[str, Any] = {
            name: {
                "traces": [],
                "train": [],
                "demos": demos.get(name, []),
                "signature": {"instructions": told.get(name, BEFORE), "fields": []},
                "lm": None,
            }
            for name in names
        }
        self.state: dict[str, Any] = state["self"] if names == ["self"] else state

    def offers(self, marked: str, path: str = "app.py") -> list[TextEdit]:
        """At the cursor in a file, which then has this text."""
        marked = marked.removeprefix("\n")
        cursor = marked.index("‸")
        update(self.workspace, path, marked.replace("‸", ""))
        runs = snapshot("bot", artifact=self.artifact)
        artifacts = ArtifactReader().read(self.workspace.snapshot())
        gaps = find_gaps(snapshot_of(self.workspace, runs, artifacts), path, cursor)
        program_json = json.dumps({**self.state, "metadata": {"dependency_versions": {}}})
        filled = [fill_gap(gap, path, cursor, program_json) for gap in gaps]
        edits = [one for one in filled if one is not None]
        for edit in edits:
            replaced = (self.workspace.index.view.text(path) or "")[edit.start : edit.end]
            assert "\n" not in replaced
            assert edit.start <= cursor <= edit.end
        return edits

    def accepted(self, marked: str, path: str = "app.py") -> str | None:
        """The text with the only suggestion; None where there is none."""
        offered = self.offers(marked, path)
        assert len(offered) <= 1
        return apply_edits(self.workspace.index.view.text(path) or "", offered) if offered else None


@pytest.mark.parametrize(
    ("marked", "told", "expected"),
    [
        ('"""‸"""', ONE_LINE, '"""Sort it well."""'),
        ('"""S‸"""', ONE_LINE, '"""Sort it well."""'),
        ('"""Sort it w‸"""', ONE_LINE, '"""Sort it well."""'),
        ('"""Sort it.‸"""', ONE_LINE, '"""Sort it well."""'),
        ('"""Sort‸ it."""', ONE_LINE, '"""Sort it well."""'),
        ('"""Something ‸else."""', ONE_LINE, '"""Sort it well."""'),
        ('"‸"', ONE_LINE, '"""Sort it well."""'),
        ("'‸Sort it.'", ONE_LINE, '"""Sort it well."""'),
        ("'''‸'''", ONE_LINE, '"""Sort it well."""'),
        ('r"""‸"""', ONE_LINE, '"""Sort it well."""'),
        ('"""\n    ‸\n    """', ONE_LINE, '"""\n    Sort it well.\n    """'),
        ('"""\n‸\n    """', ONE_LINE, '"""\n    Sort it well.\n    """'),
        ('"""‸\n    """', ONE_LINE, '"""\n    Sort it well.\n    """'),
        ('"""‸"""', LINES, '"""Say "a" or "b".\n\n    Nothing else.\n    """'),
        ('"""Say "a‸"""', LINES, '"""Say "a" or "b".\n\n    Nothing else.\n    """'),
        ('"""Say "a" or "b".\n\n‸\n    """', LINES, '"""Say "a" or "b".\n\n    Nothing else.\n    """'),
        ('"""Say "a" or "b".\n\n    Noth‸\n    """', LINES, '"""Say "a" or "b".\n\n    Nothing else.\n    """'),
        ('"""\n    Say‸\n    """', LINES, '"""\n    Say "a" or "b".\n\n    Nothing else.\n    """'),
        ('"""‸"""', INDENTED, '"""\n    Say:\n      "a"\n    """'),
        ('"""\n    Say:\n‸\n    """', INDENTED, '"""\n    Say:\n      "a"\n    """'),
        ('"""‸"""', 'Say """ and \\n.', '"""Say ""\\" and \\\\n."""'),
        ('"""‸"""', "x" * 5000, f'"""{"x" * 5000}"""'),
    ],
)
def test_an_instruction_goes_on_inside_its_docstring(tmp_path: Path, marked: str, told: str, expected: str) -> None:
    bench = Bench(tmp_path, CLASS.replace("DOCSTRING", '"""Sort it."""'), instructions={"sort": told})
    source = CLASS.removeprefix("\n")
    assert bench.accepted(source.replace("DOCSTRING", marked)) == source.replace("DOCSTRING", expected)
    update(bench.workspace, "app.py", source.replace("DOCSTRING", expected))
    assert bench.offers(source.replace("DOCSTRING", f"{expected[:3]}‸{expected[3:]}")) == []


@pytest.mark.parametrize(
    "marked",
    [
        '‸"""Sort it."""',
        '"‸""Sort it."""',
        '"""Sort it."""‸',
        '"""Sort it."‸""',
        '"""Sort it."""\n    ‸',
        '"""\n    Two lines‸\n    of another kind.\n    """',
        '"""Sort it.‸',
        '"""Sort it."""\n    __doc__ = "‸"',
        '("Sort"  # why\n    " ‸it.")',
    ],
)
def test_no_instruction_elsewhere(tmp_path: Path, marked: str) -> None:
    bench = Bench(tmp_path, CLASS.replace("DOCSTRING", '"""Sort it."""'), instructions={"sort": ONE_LINE})
    assert bench.offers(CLASS.replace("DOCSTRING", marked)) == []


EMPTY = CLASS.replace("DOCSTRING", '"""‸"""')


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (EMPTY + 'bot.load("other.json")\n', "the docstring has no say"),
        (EMPTY + "bot.sort.signature = bot.sort.signature.with_instructions('Sort it well.')\n", "it stands"),
        (EMPTY + "other = dspy.Predict(Sort)\n", "another predictor would read it"),
        (EMPTY.replace("text: str", "query: str"), "the artifact is stale"),
        (EMPTY.replace("dspy.Predict(Sort)", "dspy.ReAct(Sort, tools=[])"), "it makes instructions of its own"),
        (EMPTY.replace("bot = Bot()", "bot = (Bot()"), "the file is broken"),
    ],
)
def test_no_instruction_that_would_not_be_the_artifacts(tmp_path: Path, text: str, why: str) -> None:
    bench = Bench(tmp_path, CLASS.replace("DOCSTRING", '"""Sort it."""'), instructions={"sort": ONE_LINE})
    assert bench.offers(EMPTY) != []
    assert bench.offers(text) == [], why


def test_an_instruction_goes_into_the_file_of_its_signature(tmp_path: Path) -> None:
    start, end = CLASS.index("class Sort"), CLASS.index("class Bot")
    signatures = f"import dspy\n\n\n{CLASS[start:end].rstrip()}\n"
    app = f"{CLASS[:start]}from signatures import Sort\n\n\n{CLASS[end:]}"
    files = {"signatures.py": signatures.replace("DOCSTRING", '"""Sort it."""')}
    bench = Bench(tmp_path, app, files, instructions={"sort": ONE_LINE})
    accepted = bench.accepted(signatures.replace("DOCSTRING", '"""‸"""'), "signatures.py")
    assert accepted == signatures.replace("DOCSTRING", '"""Sort it well."""')


def module(in_class: str = "", after: str = "") -> str:
    return MODULE.removeprefix("\n").replace("IN_CLASS", in_class).replace("AFTER", after)


ALL = ["sort", "find.predict", "agent.extract.predict"]
LITERAL = '[{"augmented": True, "text": "a", "label": "b"}]'
SORT, FIND = f"bot.sort.demos = {LITERAL}", f"bot.find.predict.demos = {LITERAL}"
TELLS = "bot.find.predict.signature = bot.find.predict.signature.with_instructions('x')"
AGENT = f"bot.agent.extract.predict.demos = {LITERAL}"


@pytest.mark.parametrize(
    ("demos", "marked", "expected"),
    [
        (["sort"], "\n‸", f"\n{SORT}"),
        (ALL, "\n‸", f"\n{SORT}\n{FIND}\n{AGENT}"),
        (ALL, "\n  ‸  \n\nx = 1", f"\n{SORT}\n{FIND}\n{AGENT}\n\nx = 1"),
        (ALL, "  # made here\n‸", f"  # made here\n{SORT}\n{FIND}\n{AGENT}"),
        (ALL, f"\n{FIND}\n‸", f"\n{FIND}\n{SORT}\n{AGENT}"),
        (["sort"], f"\n{TELLS}\n‸", f"\n{TELLS}\n{SORT}"),
        (ALL, "\n\n‸", None),
        (ALL, "\nx = 1\n‸", None),
        (ALL, "\nx‸", None),
        (ALL, "\n# ‸", None),
        (ALL, "; x = 1\n‸", None),
        (ALL, f"\n{SORT}\n{FIND}\n{AGENT}\n‸", None),
        (ALL, "\n‸\nbot.load('other.json')", None),
        (ALL, "\nbot.load('other.json')\n‸", None),
        (ALL, "\n‸\nx = 1\nbot.sort.demos = []", None),
        (["sort"], "\nbot.sort.demos = []\n‸", None),
    ],
)
def test_demos_follow_the_programs_construction(
    tmp_path: Path, demos: list[str], marked: str, expected: str | None
) -> None:
    bench = Bench(tmp_path, module(), demos=demos)
    accepted = bench.accepted(module(after=marked))
    assert accepted == (None if expected is None else module(after=expected))


PAD = "\n        "
OWN = f"self.sort.demos = {LITERAL}"


@pytest.mark.parametrize(
    ("in_class", "after", "expected"),
    [
        (f"{PAD}‸", "", f"{PAD}{OWN}"),
        ("\n‸", "", f"{PAD}{OWN}"),
        (f"{PAD}  ‸", "", f"{PAD}{OWN}"),
        (f"{PAD}‸", "\nbot.find.predict.demos = []", f"{PAD}{OWN}"),
        (f"{PAD}{OWN}{PAD}‸", "", None),
        (f"{PAD}self.sort.demos = []{PAD}‸", "", None),
        (f"{PAD}‸", "\nbot.sort.demos = []", None),
        (f"{PAD}‸", "\nbot.load('other.json')", None),
        (f"{PAD}x = 1{PAD}‸", "", None),
        (f"{PAD}{PAD}‸", "", None),
    ],
)
def test_demos_follow_a_predictor(tmp_path: Path, in_class: str, after: str, expected: str | None) -> None:
    bench = Bench(tmp_path, module(), demos=["sort", "find.predict"])
    accepted = bench.accepted(module(in_class, after))
    assert accepted == (None if expected is None else module(expected, after))


def test_what_was_accepted_is_applied(tmp_path: Path) -> None:
    bench = Bench(tmp_path, module(), demos=["sort", "find.predict"])
    text = bench.accepted(module(f"{PAD}‸"))
    assert text is not None
    rest = bench.accepted(text.replace("bot = Bot()\n", "bot = Bot()\n‸\n"))
    assert rest is not None
    bench.offers(rest + "‸")
    runs = snapshot("bot", artifact=bench.artifact)
    assert [one.code for one in diagnose(snapshot_of(bench.workspace, runs, {}), "app.py")] == []


def test_a_load_has_the_last_word(tmp_path: Path) -> None:
    bench = Bench(tmp_path, module(), demos=["sort"])
    update(bench.workspace, "app.py", module(f"{PAD}{OWN}", "\nbot.load('other.json')"))
    runs = snapshot("bot", artifact=bench.artifact)
    assert [one.code for one in diagnose(snapshot_of(bench.workspace, runs, {}), "app.py")] == ["improvement-available"]


@pytest.mark.parametrize(
    "statement",
    [
        "self.sort: dspy.Predict = dspy.Predict('text -> label')",
        "self.sort = dspy.Predict(\n            'text -> label',\n        )  # why",
    ],
)
def test_demos_follow_other_ways_to_make_a_predictor(tmp_path: Path, statement: str) -> None:
    text = module().replace('self.sort = dspy.Predict("text -> label")', statement)
    bench = Bench(tmp_path, text, demos=["sort"])
    assert bench.accepted(text.replace(statement, f"{statement}{PAD}‸")) == text.replace(
        statement, f"{statement}{PAD}{OWN}"
    )


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("self.a, self.b = dspy.Predict('text -> label'), dspy.Predict('text -> label')", "a"),
        ("self.steps = [dspy.Predict('text -> label')]", "steps[0]"),
        ("self.sort = self.other = dspy.Predict('text -> label')", "sort"),
        ("self.sort = dspy.Predict('text -> label'); x = 1", "sort"),
    ],
)
def test_no_demos_after_a_line_that_makes_more(tmp_path: Path, statement: str, name: str) -> None:
    text = module().replace('self.sort = dspy.Predict("text -> label")', statement)
    bench = Bench(tmp_path, text, demos=[name])
    assert bench.offers(text.replace(statement, f"{statement}{PAD}‸")) == []


SHARED = """
import dspy


class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.ask = dspy.Predict("text -> label")


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.one = Inner()OTHER


bot = Bot()
"""


@pytest.mark.parametrize(
    ("other", "demos", "count"),
    [
        ("", ["one.ask"], 1),
        ("\n        self.two = Inner()", ["one.ask"], 0),
        ("\n        self.two = Inner()", ["one.ask", "two.ask"], 0),
    ],
)
def test_demos_of_a_part_that_serves_once(tmp_path: Path, other: str, demos: list[str], count: int) -> None:
    text = SHARED.replace("OTHER", other)
    bench = Bench(tmp_path, text, demos=demos)
    assert len(bench.offers(text.replace('label")', f'label"){PAD}‸'))) == count


def test_nothing_for_what_no_text_carries(tmp_path: Path) -> None:
    marked = module(after="\n‸")
    bench = Bench(tmp_path, module(), demos=["sort"])
    assert len(bench.offers(marked)) == 1
    whole = bench.artifact
    bench.artifact = msgspec.structs.replace(whole, literal_demos=False)
    assert bench.offers(marked) == []
    bench.artifact = msgspec.structs.replace(whole, students=[student("sort")])
    assert bench.offers(marked) == []
    bench.artifact = whole
    bench.state["sort"]["traces"] = [{"text": "a"}]
    assert bench.offers(marked) == []
    bench.state = {"other": {}}
    assert bench.offers(marked) == []


def test_a_bare_predictor_gets_its_demos(tmp_path: Path) -> None:
    text = "import dspy\nbot = dspy.Predict('text -> label')\n"
    bench = Bench(tmp_path, text, demos=["self"])
    assert bench.accepted(f"{text}‸") == f"{text}bot.demos = {LITERAL}"
    windows = text.replace("\n", "\r\n")
    assert bench.accepted(f"{windows}‸\r\n") == f"{windows}bot.demos = {LITERAL}\r\n"


def test_each_target_of_a_program_offers_its_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path, module(), demos=["sort"])
    other = '[tool.tunesmith.targets.other]\nprogram = "app:other"\n'
    update(bench.workspace, "pyproject.toml", PYPROJECT + other)
    assert len(bench.offers(module(f"{PAD}‸"))) == 1
    assert bench.offers(module(f"{PAD}‸", "\n\nother = Bot()")) == []
    assert len(bench.offers(module("", "\n‸\n\nother = Bot()"))) == 1


LONG = "".join(f"def function_{n}(a, b):\n    return [a + b for one in range({n}) if one]\n\n\n" for n in range(300))


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        ('"""Sort it."""', ['"""‸"""', '"""S‸"""', '"""So‸"""']),
        ("dspy.Predict(Sort)\n", ["dspy.Predict(Sort)\n‸\n", "dspy.Predict(Sort)\n ‸\n", "dspy.Predict(Sort)\n  ‸\n"]),
        ("bot = Bot()\n", ["bot = Bot()\n‸\n", "bot = Bot()\n ‸\n", "bot = Bot()\n  ‸\n"]),
    ],
)
def test_a_keystroke_parses_little_of_a_long_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, typed: list[str]
) -> None:
    text = LONG + CLASS.replace("DOCSTRING", '"""Sort it."""') + "\n\n" + LONG
    others = {f"other_{n}.py": f"import dspy\n{LONG}" for n in range(3)}
    bench = Bench(tmp_path, text, others, demos=["sort"], instructions={"sort": ONE_LINE})
    first, *later = (text.replace(place, one, 1) for one in typed)
    assert len(bench.offers(first)) == 1
    parsed: list[int] = []
    parse = ast.parse
    monkeypatch.setattr(
        ast, "parse", lambda source, *rest, **more: parsed.append(len(source.strip())) or parse(source, *rest, **more)
    )
    for marked in later:
        assert len(bench.offers(marked)) == 1
    assert 0 < sum(parsed) < len(text) / 10
