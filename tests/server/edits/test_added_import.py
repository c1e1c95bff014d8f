"""`«` marks the statement before which a name is needed, `+` the import expected there."""

import ast

import pytest

from tunesmith.server.edits.program_edit import apply_edits
from tunesmith.server.edits.text.added_import import LOAD_STUDENT, PATH, ImportedName, name_expression
from tunesmith.server.edits.text.source_text import SourceText


def named(marked: str, wanted: ImportedName = PATH) -> tuple[str | None, str]:
    text, before = marked.replace("«", ""), marked.index("«")
    source = SourceText.of(text)
    assert source is not None
    spelling = name_expression(wanted, source, before)
    if spelling is None:
        return None, text
    edited = apply_edits(text, [spelling.edit] if spelling.edit else [])
    compile(edited.removeprefix("\ufeff"), "edited", "exec")  # a misplaced __future__ import would raise
    assert ast.get_docstring(ast.parse(edited.removeprefix("\ufeff"))) == ast.get_docstring(source.tree)
    return spelling.expression, edited


@pytest.mark.parametrize(
    "marked",
    [
        "+«p = P()\n",
        '"""Doc."""\n\n+«p = P()\n',
        "+import dspy\n\n«p = P()\n",
        "#!/usr/bin/env python\n# hi\n+import dspy\n«p = P()\n",
        '"""Doc."""\nfrom __future__ import annotations\n\n+import dspy\n«p = P()\n',
        "from __future__ import annotations\n+«p = P()\n",
        "+import dspy; «p = P()",
        "\ufeff+import dspy\n«p = P()\n",
        # an import that comes too late, or may not run, does not serve
        "+import dspy\n«p = P()\nfrom pathlib import Path\n",
        "+import dspy\nif x:\n    from pathlib import Path\n«p = P()\n",
    ],
)
def test_the_import_opens_the_file(marked: str) -> None:
    expected = marked.replace("«", "").replace("+", "from pathlib import Path\n\n")
    assert named(marked.replace("+", "")) == ("Path", expected)


@pytest.mark.parametrize(
    "marked",
    [
        "import os\n+\nimport dspy\n\n«p = P()\n",
        "import os\n+from typing import Any\n\nimport dspy\n«p = P()\n",
        "+from typing import Any\n\nimport dspy\n«p = P()\n",
        "import os\nimport dspy\nimport re\n+«p = P()\n",
        "+import os; «p = P()",
    ],
)
def test_the_import_joins_the_standard_library(marked: str) -> None:
    expected = marked.replace("«", "").replace("+", "from pathlib import Path\n")
    assert named(marked.replace("+", "")) == ("Path", expected)


def test_line_breaks_are_those_of_the_file() -> None:
    text = "import os\r\n\r\nimport dspy\r\n«p = P()\r\n"
    assert named(text)[1] == "import os\r\nfrom pathlib import Path\r\n\r\nimport dspy\r\np = P()\r\n"


def test_a_docstring_that_shares_its_line() -> None:
    assert named('"""Doc."""; «p = P()')[1] == '"""Doc."""; from pathlib import Path; p = P()'


@pytest.mark.parametrize(
    ("marked", "expression"),
    [
        ("from pathlib import Path\n«p = P()\n", "Path"),
        ("from pathlib import Path as FilePath\n«p = P()\n", "FilePath"),
        ("from pathlib import PurePath, Path\n«p = P()\n", "Path"),
        ("import pathlib\n«p = P()\n", "pathlib.Path"),
        ("import os, pathlib as pl\n«p = P()\n", "pl.Path"),
    ],
)
def test_an_import_the_file_has_is_used(marked: str, expression: str) -> None:
    assert named(marked) == (expression, marked.replace("«", ""))


@pytest.mark.parametrize(
    "binding",
    [
        "from fastapi import Path",
        "from pathlib import PurePath as Path",
        "class Path: ...",
        "def f(Path): ...",
        "Path = str",
        "import Path",
    ],
)
def test_a_taken_name_is_not_shadowed(binding: str) -> None:
    expression, edited = named(f"{binding}\n«p = P()\n")
    assert expression == "pathlib.Path"
    assert edited.startswith("import pathlib\n")


def test_both_names_taken() -> None:
    assert named("from fastapi import Path\npathlib = None\n«p = P()\n")[0] is None


@pytest.mark.parametrize(
    ("marked", "added"),
    [
        ("+«p = P()\n", "{}\n\n"),
        ("import dspy\n+\n«p = P()\n", "{}\n"),
        ("import os\n\nimport dspy\n+import zlib_ng\n«p = P()\n", None),
        ("import os\n\nimport dspy\nfrom dspy import Predict\n+from xlib import y\n\n«p = P()\n", "{}\n"),
        ("import dspy\n+\nfrom app.metric import metric\n\n«p = P()\n", "{}\n"),
        ("import os\n+\nx = 1\n«p = P()\n", "\n{}\n"),
        ("import os\n+\nfrom .own import x\n«p = P()\n", "\n{}\n"),
        ("+from .own import x\n«p = P()\n", "{}\n\n"),
        ("+import dspy; «p = P()", "{}\n"),
        ('"""Doc."""\nfrom __future__ import annotations\n\n+from xlib import y\n«p = P()\n', "{}\n"),
        ("def f():\n    «p = P()\n", None),
    ],
)
def test_an_import_from_elsewhere_joins_its_kind(marked: str, added: str | None) -> None:
    line = "from tunesmith.optim import load_student"
    expression, edited = named(marked.replace("+", ""), LOAD_STUDENT)
    assert expression == "load_student"
    if added is not None:
        assert edited == marked.replace("«", "").replace("+", added.format(line))
    assert line in edited


@pytest.mark.parametrize(
    ("marked", "expression"),
    [
        ("from tunesmith.optim import BootstrapFinetune, load_student\n«p = P()\n", "load_student"),
        ("import tunesmith.optim\n«p = P()\n", "tunesmith.optim.load_student"),
        ("import tunesmith.optim as o\n«p = P()\n", "o.load_student"),
    ],
)
def test_the_loader_the_file_has_is_used(marked: str, expression: str) -> None:
    assert named(marked, LOAD_STUDENT) == (expression, marked.replace("«", ""))


def test_the_loader_is_known_by_its_own_name_alone() -> None:
    marked = "from tunesmith.optim import load_student as ls\n«p = P()\n"
    expression, edited = named(marked, LOAD_STUDENT)
    assert expression == "load_student"
    assert "from tunesmith.optim import load_student\n" in edited
