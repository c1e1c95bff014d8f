"""The page's types, written by hand, say what the server sends."""

from pathlib import Path

import pytest
from msgspec import inspect as types

from tunesmith.protocol import Totals, Wire, typescript
from tunesmith.server.results import RESULTS_METHODS
from tunesmith.server.results.messages import CandidateErrors, ErrorKind, ModelCost

PAGE_TYPES = Path(__file__).parents[3] / "extension" / "page" / "src" / "wire.ts"
STRUCTS = {struct for pair in RESULTS_METHODS.values() for struct in pair} | {
    CandidateErrors,
    ErrorKind,
    ModelCost,
    Totals,
}


@pytest.mark.parametrize("struct", sorted(STRUCTS, key=lambda struct: struct.__name__), ids=lambda one: one.__name__)
def test_interface(struct: type[Wire]) -> None:
    described = types.type_info(struct)
    assert isinstance(described, types.StructType)
    wanted = typescript._interface(struct.__name__, described)
    assert f"export {wanted.removeprefix('export ')}" in PAGE_TYPES.read_text(encoding="utf-8")


def test_method_table() -> None:
    text = PAGE_TYPES.read_text(encoding="utf-8")
    for method, (params, result) in RESULTS_METHODS.items():
        assert f'  "{method}": {{ params: {params.__name__}; result: {result.__name__} }};' in text
