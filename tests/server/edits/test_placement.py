"""`«` marks the statement that constructs the program."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.server.edits.program_edit import apply_edits
from tunesmith.server.edits.statements.placement import find_construction, place_statements
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.verify import find_fault

LOAD = 'program.load(Path(__file__).parent / "compiled" / "t.json")'
DEMOS = ["program.a.demos = [{}]", "program.b.demos = [{}]"]


def place(marked: str, statements: list[str], program: str = "program") -> str:
    text, start = marked.replace("«", ""), marked.index("«")
    source = SourceText.of(text)
    assert source is not None
    construction = find_construction(source, start)
    assert construction is not None
    edited = apply_edits(text, place_statements(source, construction, program, statements))
    assert find_fault(text, edited, start, program) is None
    return edited


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("«program = P()\n", f"program = P()\n{LOAD}\n"),
        ("«program = P()", f"program = P()\n{LOAD}"),
        ("«program = P()\r\nx = 1\r\n", f"program = P()\r\n{LOAD}\r\nx = 1\r\n"),
        ("«program = P()  # the one\nx = 1\n", f"program = P()  # the one\n{LOAD}\nx = 1\n"),
        ("«program = P(\n    1,\n)\nx = 1\n", f"program = P(\n    1,\n)\n{LOAD}\nx = 1\n"),
        ("«program: P = P()\n", f"program: P = P()\n{LOAD}\n"),
        # sharing a line
        ("«program = P(); x = 1\n", f"program = P(); {LOAD}; x = 1\n"),
        ("x = 1; «program = P()\n", f"x = 1; program = P(); {LOAD}\n"),
        ("x = 1; «program = P();  # y\n", f"x = 1; program = P(); {LOAD};  # y\n"),
        ("«program = P();\n", f"program = P(); {LOAD};\n"),
        ("if x: «program = P()\n", f"if x: program = P(); {LOAD}\n"),
        # blocks
        ("def main():\n    «program = P()\n    run()\n", f"def main():\n    program = P()\n    {LOAD}\n    run()\n"),
        ("def main():\n\t«program = P()\n", f"def main():\n\tprogram = P()\n\t{LOAD}\n"),
        ("if 1:\n  if 2:\n    «program = P()\nx = 1\n", f"if 1:\n  if 2:\n    program = P()\n    {LOAD}\nx = 1\n"),
        (
            "try:\n    «program = P()\nexcept E:\n    raise\n",
            f"try:\n    program = P()\n    {LOAD}\nexcept E:\n    raise\n",
        ),
        (
            "try:\n    x()\nexcept E:\n    «program = P()\n",
            f"try:\n    x()\nexcept E:\n    program = P()\n    {LOAD}\n",
        ),
        (
            "match x:\n    case 1:\n        «program = P()\n",
            f"match x:\n    case 1:\n        program = P()\n        {LOAD}\n",
        ),
        # unicode before it, on its line and above
        ('é = "✓🎉"; «program = P("🎉")  # é\n', f'é = "✓🎉"; program = P("🎉"); {LOAD}  # é\n'),
        ('x = """✓\u2028\x0c\n"""\n«program = P()\n', f'x = """✓\u2028\x0c\n"""\nprogram = P()\n{LOAD}\n'),
        ("\ufeffé = 1\n«program = P()\n", f"\ufeffé = 1\nprogram = P()\n{LOAD}\n"),
        # a state that stands there already
        ("«program = P()\nprogram.load('old.json')\n", f"program = P()\n{LOAD}\n"),
        (
            "«program = P()\n\n# tuned\nprogram.load('old.json')  # mine\n",
            f"program = P()\n\n# tuned\n{LOAD}  # mine\n",
        ),
        ("«program = P(); program.load('old.json'); x = 1\n", f"program = P(); {LOAD}; x = 1\n"),
        ("«program = P()\nprogram.a.demos = [{}]\nprogram.b.demos = []\nx = 1\n", f"program = P()\n{LOAD}\nx = 1\n"),
        ("«program = P()\nprogram.a.demos = []\nprogram.b.demos = []", f"program = P()\n{LOAD}"),
        ("«program = P()\nprogram.a.demos = []; program.b.demos = []; x = 1\n", f"program = P()\n{LOAD}; x = 1\n"),
        ("«program = P()\nprogram.a.demos = []\nprogram.b.demos = []; x = 1\n", f"program = P()\n{LOAD}\nx = 1\n"),
        (f"«program = P()\n{LOAD}\n", f"program = P()\n{LOAD}\n"),
        # other programs, and what comes later, is left alone
        ("«program = P()\nother.load('x')\n", f"program = P()\n{LOAD}\nother.load('x')\n"),
        ("«program = P()\nx = 1\nprograms.a.demos = []\n", f"program = P()\n{LOAD}\nx = 1\nprograms.a.demos = []\n"),
    ],
)
def test_load_goes_right_after_the_construction(marked: str, expected: str) -> None:
    assert place(marked, [LOAD]) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("«program = P()\nx = 1\n", "program = P()\nprogram.a.demos = [{}]\nprogram.b.demos = [{}]\nx = 1\n"),
        ("«program = P(); x = 1\n", "program = P(); program.a.demos = [{}]; program.b.demos = [{}]; x = 1\n"),
        (
            "if 1:\n\t«program = P()\n\tprogram.load('x')\n",
            "if 1:\n\tprogram = P()\n\tprogram.a.demos = [{}]\n\tprogram.b.demos = [{}]\n",
        ),
        (
            "«program = P()\nprogram.a.demos = [\n    {},\n]\nprogram.b.demos=[{}]\n",
            "program = P()\nprogram.a.demos = [\n    {},\n]\nprogram.b.demos=[{}]\n",
        ),
    ],
)
def test_demos_go_right_after_the_construction(marked: str, expected: str) -> None:
    assert place(marked, DEMOS) == expected


TOLD = "program.a.signature = program.a.signature.with_instructions('x')"
A, B = DEMOS


@pytest.mark.parametrize(
    ("marked", "statements", "expected"),
    [
        # what stays at the beginning and the end is not touched
        (f"«program = P()\n{A}  # a\n# b\n{B}\n", [TOLD, *DEMOS], f"program = P()\n{TOLD}\n{A}  # a\n# b\n{B}\n"),
        (f"«program = P()\n{A}\n# c\nx = 1\n", [A, B], f"program = P()\n{A}\n{B}\n# c\nx = 1\n"),
        (f"«program = P()\n{TOLD}\n{A}\n{B}\n", [TOLD, B], f"program = P()\n{TOLD}\n{B}\n"),
        (f"«program = P()\n{TOLD}  # it\n{A}\n", [A], f"program = P()\n{A}\n"),
        (f"«program = P(); {TOLD}; {A}; x = 1\n", [A], f"program = P(); {A}; x = 1\n"),
        (f"«program = P(); {A}; x = 1\n", [TOLD, A], f"program = P(); {TOLD}; {A}; x = 1\n"),
        (f"«program = P(); {A}\n{B}\n", [A, TOLD, B], f"program = P(); {A}; {TOLD}\n{B}\n"),
        (f"«program = P()\n{TOLD}", [], "program = P()"),
        (f"«program = P()\n{TOLD}\n{A}", [TOLD], f"program = P()\n{TOLD}"),
    ],
)
def test_what_stays_is_not_touched(marked: str, statements: list[str], expected: str) -> None:
    assert place(marked, statements) == expected


def test_an_attribute_is_a_program_too() -> None:
    marked = "class A:\n    def __init__(self):\n        «self.program = P()\n        self.x = 1\n"
    edited = place(marked, ["self.program.a.demos = [{}]"], program="self.program")
    assert edited.split("\n")[3:5] == ["        self.program.a.demos = [{}]", "        self.x = 1"]


FILLER = st.sampled_from(
    [
        "x = 1",
        "é = '🎉'",
        "# note",
        "",
        "y = (1,\n  2)",
        "z = 1; w = 2",
        "program.save('x')",
        '"""a\n✓"""',
        "other.load('x')",
    ]
)
STATE = st.sampled_from(
    ["program.load('old')", "program.a.demos = []", "program.a.demos = [{'é': 1}]", TOLD, A, "# kept", ""]
)


@given(
    before=st.lists(FILLER, max_size=4),
    state=st.lists(STATE, max_size=4),
    after=st.lists(FILLER, max_size=4),
    newline=st.sampled_from(["\n", "\r\n"]),
    indent=st.sampled_from(["", "    ", "\t"]),
    last=st.booleans(),
    statements=st.sampled_from([[LOAD], DEMOS, [TOLD, *DEMOS], [TOLD], []]),
)
def test_any_file_is_edited_soundly_and_once(
    before: list[str],
    state: list[str],
    after: list[str],
    newline: str,
    indent: str,
    last: bool,
    statements: list[str],
) -> None:
    lines = [*before, "«program = P('ü')  # it", *state, *after]
    body = newline.join(indent + line.replace("\n", newline) if line else line for line in lines)
    marked = ("if True:" + newline if indent else "") + body + (newline if last else "")
    once = place(marked, statements)
    assert SourceText.of(once) is not None
    assert "\r\n" not in marked or once.count("\r\n") == once.count("\n")
    start = once.index("program = P('ü')")
    assert place(once[:start] + "«" + once[start:], statements) == once
    assert [ast.dump(ast.parse(one)) for one in statements] == [
        ast.dump(ast.Module([found], [])) for found in _row_after(once, start)
    ]


def _row_after(text: str, start: int) -> list[ast.stmt]:
    source = SourceText.of(text)
    assert source is not None
    construction = find_construction(source, start)
    assert construction is not None
    state = [s for s in construction.block[construction.index + 1 :] if source.start(s) > start]
    row = []
    for statement in state:
        if not ast.unparse(statement).startswith(("program.load", "program.a", "program.b")):
            break
        row.append(statement)
    return row
