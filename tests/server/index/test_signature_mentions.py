"""`Sort` is defined in `base.py`; other files speak of it, of others of that name, or of none."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.server.index import Index, index, sources
from tunesmith.server.index.workspace_files import read_bytes

Make = Callable[[dict[str, str]], Index]
BASE = "import dspy\nclass Sort(dspy.Signature):\n    a: str = dspy.InputField()\n"
USES = "import dspy\nfrom base import Sort\np = dspy.Predict(Sort)\n"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (USES, ("Sort",)),
        (USES + "q = dspy.Predict(Sort)\n", ("Sort", "Sort")),
        ("import dspy\nfrom base import Sort as S\np = dspy.Predict(S)\nSorter = 1\n", ("S",)),
        ("import dspy\np = S\ndef f():\n    from base import Sort as S\n", ("S",)),
        ("import dspy, base\np = dspy.Predict(base.Sort)\n", ("base.Sort",)),
        ("import dspy\nfrom base import Sort\nSort.output_fields['a']\n", ()),
        ("import dspy\nfrom base import Sort\n'Sort'\nSort = 1\n", ()),
        ("import dspy\nfrom base import Sort\nf'{Sort}'\n", ("Sort",)),
        ("import dspy\nSort = (\n", None),
        ("import dspy\nx = 1\n", ()),
    ],
)
def test_what_a_file_speaks_of(make_index: Make, text: str, spoken: tuple[str, ...] | None) -> None:
    indexed = make_index({"base.py": BASE, "uses.py": text})
    assert indexed.view.signature_mentions("uses.py", "Sort", is_own=False) == spoken


@pytest.mark.parametrize(
    ("more", "spoken"),
    [
        ("p = dspy.Predict(Sort)\n", ()),
        ("import base\np = dspy.Predict(base.Sort)\n", ("base.Sort",)),
        ("def f():\n    from base import Sort\n    return Sort\n", ("Sort",)),
    ],
)
def test_a_file_with_one_of_its_own(make_index: Make, more: str, spoken: tuple[str, ...]) -> None:
    indexed = make_index({"base.py": BASE, "uses.py": BASE + more})
    assert indexed.view.signature_mentions("uses.py", "Sort", is_own=True) == spoken


def test_a_file_is_read_once_for_each_text(make_index: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed = make_index({"base.py": BASE, "uses.py": USES})
    read: list[str] = []
    for module in (index, sources):
        monkeypatch.setattr(module, "read_bytes", lambda path: read.append(Path(path).name) or read_bytes(path))
    assert speak(indexed) == speak(indexed) == ("Sort",)
    assert read == ["uses.py"]
    (tmp_path / "uses.py").write_text(USES + "dspy.Predict(Sort)\n", encoding="utf-8")
    indexed.refresh()
    assert speak(indexed) == speak(indexed) == ("Sort", "Sort")
    assert len(read) == 3, "once for the facts, once for the names"
    indexed.update("uses.py", USES)
    assert speak(indexed) == ("Sort",)
    assert len(read) == 3


def test_a_text_that_is_newer_than_its_facts_is_not_kept(make_index: Make, tmp_path: Path) -> None:
    file = tmp_path / "uses.py"
    indexed = make_index({"base.py": BASE, "uses.py": USES})
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_text(USES.replace("Predict(Sort)", "Predict(None)"), encoding="utf-8")
    assert speak(indexed) == ()
    file.write_text(USES, encoding="utf-8")
    os.utime(file, ns=times)
    indexed.refresh()
    assert speak(indexed) == ("Sort",)


def speak(indexed: Index) -> tuple[str, ...] | None:
    return indexed.view.signature_mentions("uses.py", "Sort", is_own=False)
