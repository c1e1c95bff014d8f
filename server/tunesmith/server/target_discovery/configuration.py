"""`[tool.tunesmith]` in pyproject.toml: settings and configured targets, and what is wrong with them.

Nothing is raised: a mistake becomes a problem with its line, and the rest of the file still counts.
"""

import difflib
import re
import tomllib
from typing import Any

from msgspec import Struct

from tunesmith.protocol import DEFAULT_OPTIMIZER, OPTIMIZERS, ConfiguredTarget, Target, Tuner
from tunesmith.server.index import References, Span, line_starts, span_between

FILE = "pyproject.toml"
_SETTINGS = ("lm", "teacher_lm", "prompt_lm", "model", "optimizer", "interpreter", "threads", "targets")
_TARGET = ("program", "metric", "trainset", "valset", "inputs", "lm", "teacher_lm", "prompt_lm", "model", "optimizer")


class Settings(Struct, frozen=True, kw_only=True):
    """What holds for every target of a workspace. None: not configured."""

    lm: str | None = None
    teacher_lm: str | None = None
    prompt_lm: str | None = None
    model: str | None = None
    """What a student is made from, where the optimizer finetunes."""
    optimizer: Tuner | None = None
    interpreter: str | None = None
    """Path of a Python, relative to the root."""
    threads: int | None = None


class ConfigurationProblem(Struct, frozen=True, kw_only=True):
    """A mistake in `[tool.tunesmith]`, where it stands and what would be right."""

    message: str
    file: str
    line: int
    """1-based."""
    span: Span
    """The line's text."""


class Configuration(Struct, frozen=True, kw_only=True):
    """What `[tool.tunesmith]` says, as far as it can be read."""

    settings: Settings
    targets: list[ConfiguredTarget]
    """In the order of the file."""
    problems: list[ConfigurationProblem]

    @property
    def references(self) -> References:
        """What its targets name in the code."""
        targets = self.targets
        return References(
            programs=tuple(one.program for one in targets),
            metrics=tuple(one.metric for one in targets if one.metric is not None),
            datasets=tuple(name for one in targets for name in (one.trainset, one.valset) if name is not None),
        )


def read_configuration(text: str | None, file: str = FILE) -> Configuration:
    """The configuration of a pyproject.toml's text; an empty one where there is no such file."""
    if text is None:
        return Configuration(settings=Settings(), targets=[], problems=[])
    return _Reading(text, file).read()


def choose_tuner(target: Target, settings: Settings) -> Tuner:
    """What the code or the target's table says, else the workspace's setting, else the default."""
    return target.optimizer or settings.optimizer or DEFAULT_OPTIMIZER.name


class _Reading:
    def __init__(self, text: str, file: str) -> None:
        self.lines = text.split("\n")
        self.text = text
        self.file = file
        self.problems: list[ConfigurationProblem] = []

    def read(self) -> Configuration:
        settings, targets = Settings(), []
        table = self._parse()
        if table:
            settings = self._settings(table)
            for name, fields in self._target_tables(table):
                target = self._target(name, fields)
                if target is not None:
                    targets.append(target)
        return Configuration(settings=settings, targets=targets, problems=self.problems)

    def _parse(self) -> dict[str, Any]:
        try:
            parsed = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))
            line = int(place.group(1)) if place else max(len(self.lines), 1)
            self._problem(f"{self.file} is not valid TOML: {error}. Targets are not read until it is.", line)
            return {}
        tool = parsed.get("tool", {})
        table = tool.get("tunesmith", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            self._problem("`tool.tunesmith` must be a table.", self._line_of("tool.tunesmith", None))
            return {}
        return table

    def _settings(self, table: dict[str, Any]) -> Settings:
        self._unknown_keys(table, _SETTINGS, "tool.tunesmith")
        threads = table.get("threads")
        if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
            self._wrong("tool.tunesmith", "threads", "a number of at least 1", threads)
            threads = None
        return Settings(
            lm=self._string(table, "lm", "tool.tunesmith"),
            teacher_lm=self._string(table, "teacher_lm", "tool.tunesmith"),
            prompt_lm=self._string(table, "prompt_lm", "tool.tunesmith"),
            model=self._string(table, "model", "tool.tunesmith"),
            optimizer=self._tuner(table, "tool.tunesmith"),
            interpreter=self._string(table, "interpreter", "tool.tunesmith"),
            threads=threads,
        )

    def _target_tables(self, table: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        targets = table.get("targets", {})
        if not isinstance(targets, dict):
            self._wrong("tool.tunesmith", "targets", "a table of targets", targets)
            return []
        found = []
        for name, fields in targets.items():
            if isinstance(fields, dict):
                found.append((name, fields))
            else:
                self._wrong("tool.tunesmith.targets", name, "a table with at least `program`", fields)
        return found

    def _target(self, name: str, fields: dict[str, Any]) -> ConfiguredTarget | None:
        header = f"tool.tunesmith.targets.{name}"
        self._unknown_keys(fields, _TARGET, header)
        program = self._string(fields, "program", header)
        if program is None:
            if "program" not in fields:
                text = f'Target `{name}` has no `program`. Add `program = "module:attribute"`.'
                self._problem(text, self._line_of(header, None))
            return None
        inputs = fields.get("inputs", [])
        if not isinstance(inputs, list) or not all(isinstance(item, str) for item in inputs):
            self._wrong(header, "inputs", "a list of field names", inputs)
            inputs = []
        return ConfiguredTarget(
            name=name,
            program=program,
            metric=self._string(fields, "metric", header),
            trainset=self._string(fields, "trainset", header),
            valset=self._string(fields, "valset", header),
            inputs=inputs,
            file=self.file,
            line=self._line_of(header, None),
            lm=self._string(fields, "lm", header),
            teacher_lm=self._string(fields, "teacher_lm", header),
            prompt_lm=self._string(fields, "prompt_lm", header),
            model=self._string(fields, "model", header),
            optimizer=self._tuner(fields, header),
        )

    def _string(self, table: dict[str, Any], key: str, header: str) -> str | None:
        value = table.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        self._wrong(header, key, "a string", value)
        return None

    def _tuner(self, table: dict[str, Any], header: str) -> Tuner | None:
        value = table.get("optimizer")
        for tuner in OPTIMIZERS:
            if value == tuner:
                return tuner
        if value is not None:
            *others, last = (f'"{tuner}"' for tuner in OPTIMIZERS)
            self._wrong(header, "optimizer", f"{', '.join(others)} or {last}", value)
        return None

    def _unknown_keys(self, table: dict[str, Any], known: tuple[str, ...], header: str) -> None:
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                meant = f" Did you mean `{close[0]}`?" if close else f" Known are {', '.join(known)}."
                self._problem(f"Unknown key `{key}` in [{header}].{meant}", self._line_of(header, key))

    def _wrong(self, header: str, key: str, expected: str, value: object) -> None:
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:59] + "…"
        self._problem(f"`{key}` in [{header}] must be {expected}, not {shown}.", self._line_of(header, key))

    def _problem(self, message: str, line: int) -> None:
        self.problems.append(ConfigurationProblem(message=message, file=self.file, line=line, span=self._span(line)))

    def _span(self, line: int) -> Span:
        starts = line_starts(self.text)
        start = starts[min(line, len(starts)) - 1]
        end = self.text.find("\n", start)
        text = self.text[start : end if end >= 0 else len(self.text)]
        indent = len(text) - len(text.lstrip())
        return span_between(self.text, start + indent, start + len(text.rstrip()), lines=starts)

    def _line_of(self, header: str, key: str | None) -> int:
        """The 1-based line of a key in a table; of the table without a key; of the nearest mention otherwise."""
        start = self._header_line(header)
        if start is None:  # written as a dotted key or an inline table of an outer table
            outer, _, last = header.rpartition(".")
            return self._line_of(outer, last) if outer else 1
        if key is not None:
            pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
            for number in range(start, len(self.lines)):
                if self.lines[number].lstrip().startswith("["):
                    break
                if pattern.match(self.lines[number]):
                    return number + 1
        return start

    def _header_line(self, header: str) -> int | None:
        for number, line in enumerate(self.lines, start=1):
            match = re.match(r"\s*\[([^\[\]]+)\]", line)
            if match and re.sub(r"""["'\s]""", "", match.group(1)) == header.replace(" ", ""):
                return number
        return None
