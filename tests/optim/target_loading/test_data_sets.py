"""Data sets: files, names, and what can be wrong with them."""

import json
import sys

import pyarrow
import pyarrow.parquet
import pytest

from tunesmith.optim.errors import RunError

ROWS = [{"text": "hello", "label": "yes"}, {"text": "bye", "label": "no"}]
FILES = {
    "train.jsonl": "\n\n".join(json.dumps(row) for row in ROWS) + "\n",
    "train.csv": "text,label\nhello,yes\nbye,no\n",
}


@pytest.mark.parametrize("name", [*FILES, "train.parquet"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files(workspace, name, mark):
    if name == "train.parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), workspace.root / name)
    else:
        (workspace.root / name).write_text(mark + FILES[name], encoding="utf-8")
    trainset = workspace.configured(trainset=name).trainset
    assert [dict(example.items()) for example in trainset] == ROWS
    assert [set(example.inputs().keys()) for example in trainset] == [{"text"}, {"text"}]


BAD_FILES = {
    "not JSON": ("a.jsonl", b'{"text": "a", "label": "b"}\n\n{"text": \n', "a.jsonl:3", "not JSON"),
    "no object": ("a.jsonl", b"[1]\n", "a.jsonl:1", "holds a JSON list"),
    "not UTF-8": ("a.jsonl", b'{"text": "a"}\n{"text": "\xff"}\n', "a.jsonl:2", "not UTF-8"),
    "not UTF-8 CSV": ("a.csv", b"text,label\na,\xe9\n", "a.csv:2", "not UTF-8"),
    "named twice": ("a.csv", b"text,text,label\na,b,c\n", "a.csv:1", "'text' more than once"),
    "short row": ("a.csv", b"text,label\na,b\nc\n", "a.csv:3", "1 cells, the header 2"),
    "open quote": ("a.csv", b'text,label\n"a,b\n', "a.csv:2", "not CSV"),
    "empty": ("a.jsonl", b"", "pyproject.toml:7", "is empty"),
    "empty CSV": ("a.csv", b"text,label\n", "pyproject.toml:7", "is empty"),
    "missing column": (
        "a.csv",
        b"message,label\na,b\n",
        "pyproject.toml:7",
        "has no 'text' (it has 'message', 'label')",
    ),
    "not Parquet": ("a.parquet", b"text", None, "is not Parquet"),
    "absent": (None, b"", None, "There is no file a.jsonl"),
}


@pytest.mark.parametrize("why", BAD_FILES)
def test_bad_files(workspace, why):
    name, content, where, message = BAD_FILES[why]
    if name is not None:
        (workspace.root / name).write_bytes(content)
    with pytest.raises(RunError) as caught:
        workspace.configured(trainset=name or "a.jsonl")
    assert message in caught.value.error.message
    assert caught.value.error.where == where
    assert caught.value.error.next_step


DATA = {
    "a list": "data = examples(2)",
    "a function": "def data(): return examples(2)",
    "dicts": "data = [{'text': 'a', 'label': 'b'}, {'text': 'c', 'label': 'd'}]",
    "unmarked examples": "data = [dspy.Example(text='a', label='b'), dspy.Example(text='c', label='d')]",
    "a generator function": "def data():\n    yield from examples(2)",
}


@pytest.mark.parametrize("how", DATA)
def test_attributes(workspace, how):
    workspace.write({"rows.py": f"from base import *\n{DATA[how]}\n"})
    trainset = workspace.configured(trainset="rows:data").trainset
    assert [set(example.inputs().keys()) for example in trainset] == [{"text"}, {"text"}]


NO_DATA = {
    "text": ("data = 'rows'", "gives a `str`, not a list of examples"),
    "numbers": ("data = [1]", "Item 0 of `rows:data` is a `int`"),
    "nothing": ("data = None", "gives a `NoneType`"),
    "empty": ("data = []", "is empty"),
    "no inputs": ("data = [dspy.Example(other=1).with_inputs()]", "has no 'text'"),
}


@pytest.mark.parametrize("why", NO_DATA)
def test_what_is_no_data(workspace, why):
    source, message = NO_DATA[why]
    workspace.write({"rows.py": f"from base import *\n{source}\n"})
    with pytest.raises(RunError) as caught:
        workspace.configured(trainset="rows:data")
    assert message in caught.value.error.message
    assert caught.value.error.where == "pyproject.toml:7"


def test_named_inputs(workspace):
    workspace.write({"a.csv": "text,label,hint\na,b,c\n"})
    (example,) = workspace.configured(trainset="a.csv", inputs=["text", "hint"]).trainset
    assert set(example.inputs().keys()) == {"text", "hint"}
    with pytest.raises(RunError, match="has no 'clue'"):
        workspace.configured(trainset="a.csv", inputs=["clue"])


def test_what_one_predictor_writes_for_another_is_no_input(workspace):
    workspace.write({
        "app.py": """
            import dspy
            class Two(dspy.Module):
                def __init__(self):
                    self.sort = dspy.Predict("message -> intent")
                    self.answer = dspy.Predict("message, intent -> reply")
                def forward(self, **given):
                    return self.answer(**given, intent=self.sort(**given).intent)
        """,
        "a.csv": "message,intent,reply\na,b,c\n",
    })  # fmt: skip
    (example,) = workspace.configured(program="app:Two", trainset="a.csv").trainset
    assert set(example.inputs().keys()) == {"message"}


def test_unlabelled_data_is_told(workspace):
    workspace.write({"a.csv": "text\na\n"})
    workspace.configured(trainset="a.csv")
    assert workspace.warnings == [
        "No example of `a.csv` holds more than its inputs: a metric that compares with labels scores nothing."
    ]


def test_a_named_data_set(workspace, monkeypatch):
    workspace.write({"datasets.py": f"""
        def load_dataset(name, split):
            if name != "org/mail":
                raise FileNotFoundError("no such data set")
            return [{{**row, "text": split}} for row in {ROWS!r}]
    """})  # fmt: skip
    monkeypatch.delitem(sys.modules, "datasets", raising=False)
    resolved = workspace.configured(trainset="datasets:org/mail:small", valset="datasets:org/mail")
    assert [resolved.trainset[0].text, resolved.valset[0].text] == ["small", "validation"]
    with pytest.raises(RunError, match="could not be loaded: FileNotFoundError: no such data set"):
        workspace.configured(trainset="datasets:org/male")


def test_a_package_that_is_not_installed(workspace, monkeypatch):
    (workspace.root / "a.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RunError) as caught:
        workspace.configured(trainset="a.parquet")
    assert caught.value.error.next_step == f"Install it: {sys.executable} -m pip install pyarrow"
