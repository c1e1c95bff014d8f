"""What a run leaves: the tables of its store, and the files beside it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from golden.calls import with_steady_events
from golden.events import steady_records
from golden.normalise import Normaliser

STORE = "run.sqlite"
BRIEF = 40
"""So many of a run's requests are kept whole, as many first ones; of the others a digest is enough."""
PASSING = (".lock", "-wal", "-shm")
"""Ends of names of files that come and go."""


def record_runs(names: Normaliser, root: Path) -> Iterator[tuple[str, str]]:
    """Of every run of a workspace, in the order they were started."""
    for folder in sorted((root / ".tunesmith" / "runs").iterdir()):
        yield from record_folder(names, folder, names.text(folder.name))


def record_folder(names: Normaliser, folder: Path, name: str) -> Iterator[tuple[str, str]]:
    for table, text in read_tables(names, folder / STORE):
        yield f"{name}/{table}", text
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(PASSING)]
    yield f"{name}/files.txt", "".join(f"{path.relative_to(folder)}\n" for path in paths)
    for path in paths:
        if path.suffix == ".json":
            document = with_steady_events(json.loads(path.read_text(encoding="utf-8")))
            yield f"{name}/{path.relative_to(folder)}", names.json(document)


def read_tables(names: Normaliser, store: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        schema = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
        yield "schema.sql", "".join(f"{row['sql']};\n" for row in schema)
        for row in schema:
            if row["sql"].startswith("CREATE TABLE"):
                order = "1" if "WITHOUT ROWID" in row["sql"] else "rowid"
                rows = connection.execute(f"SELECT * FROM {row['name']} ORDER BY {order}").fetchall()
                yield f"{row['name']}.json", names.json(_shown(row["name"], [_decoded(one) for one in rows]))


def _decoded(row: sqlite3.Row) -> dict[str, Any]:
    return {name: _value(row[name]) for name in row.keys()}  # noqa: SIM118  a row is no mapping


def _value(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value.decode("utf-8", "replace")


def _shown(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if table == "events":
        return steady_records([row["row"] for row in rows])
    if table == "lm_calls":
        return [_with_digest(row) if number >= BRIEF and row["rollout"] else row for number, row in enumerate(rows)]
    return rows


def _with_digest(row: dict[str, Any]) -> dict[str, Any]:
    request = json.dumps(row["row"]["request"], ensure_ascii=False).encode()
    return row | {"row": row["row"] | {"request": sha256(request).hexdigest()}}
