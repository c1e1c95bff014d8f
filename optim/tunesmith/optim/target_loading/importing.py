"""Importing the user's modules so that importing spends nothing.

A `compile` or `Evaluate` met on the way stops the import right there. Names that the module had bound by then can
still be used; the names it would have bound later are reported with the place that stopped it.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from tunesmith.optim.errors import RunError
from tunesmith.optim.target_loading.compile_site import CallSite, calling_user_frame, file_and_line
from tunesmith.optim.target_loading.handover import Handover, handed_over
from tunesmith.optim.target_loading.import_path import import_name, put_on_path
from tunesmith.optim.target_loading.interception import intercepting


class ImportStopped(BaseException):
    """A call that would spend money was met. No `Exception`, so that user code does not swallow it."""

    def __init__(self, call: str, where: str) -> None:
        self.call = call
        self.where = where
        super().__init__(f"{where}: {call} was not run: importing must not spend money")


class Importer:
    """Imports modules of one workspace, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stops: dict[str, ImportStopped] = {}
        """What stopped a module half-way, by module name."""
        self.handover: Handover | None = None
        """What the chosen `compile` call was given, where it was met on import."""
        put_on_path(root)

    def module(self, name: str, *, wanted_by: str) -> ModuleType:
        """Import `a.b.c`. `wanted_by` is the `file:line` of the configuration that names it."""
        if (known := sys.modules.get(name)) is not None:
            return known
        with self._refusing(None):
            try:
                spec = importlib.util.find_spec(name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                    raise
                spec = None
            except ImportStopped as stop:
                raise self._unusable(stop, name) from None
            if spec is None or spec.loader is None:
                raise RunError(
                    f"There is no module `{name}` in {self.root} (or its src folder), nor in {sys.executable}.",
                    where=wanted_by,
                    next_step="Name an importable module, or a file: `path/to/file.py:attribute`.",
                )
            return self._execute(spec)

    def file(self, path: Path, *, site: CallSite | None = None) -> ModuleType:
        """Import a file under the name its package gives it. A `compile` at `site` hands over and stops there."""
        known_as = import_name(path)
        put_on_path(self.root, known_as.folder)
        name = known_as.name
        known = sys.modules.get(name)
        if known is not None and _file_of(known) == path.resolve():
            return known
        if known is not None:
            # A script named like a module that is loaded already, say `queue.py`.
            name = f"{name}_of_{path.parent.name or 'root'}"
        with self._refusing(site):
            parent, _, _ = name.rpartition(".")
            if parent:
                try:
                    importlib.import_module(parent)
                except ImportStopped as stop:
                    raise self._unusable(stop, name) from None
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None:
                raise RunError(f"{path} is not a Python file.", next_step="Name a `.py` file.")
            return self._execute(spec)

    def attribute(self, module: ModuleType, name: str, *, wanted_by: str) -> Any:
        """A (dotted) attribute. Where it is missing, says whether a stopped import is the reason."""
        value: Any = module
        for part in name.split("."):
            try:
                value = getattr(value, part)
            except AttributeError:
                raise self._missing(module, name, wanted_by) from None
        return value

    def _missing(self, module: ModuleType, name: str, wanted_by: str) -> RunError:
        stop = self.stops.get(module.__name__)
        file = getattr(module, "__file__", None)
        shown = file_and_line(file, 1, self.root).rpartition(":")[0] if file else module.__name__
        if stop is not None:
            return RunError(
                f"`{name}` is not bound in {shown} before {stop.call} at {stop.where}, which importing must not run.",
                where=stop.where,
                next_step='Move that call under `if __name__ == "__main__":`, or bind the name above it.',
            )
        known = ", ".join(sorted(key for key in vars(module) if not key.startswith("_"))[:12])
        return RunError(
            f"{shown} has no `{name}`. It has: {known or 'no names at all'}.",
            where=wanted_by,
            next_step="Correct the name.",
        )

    def _unusable(self, stop: ImportStopped, name: str) -> RunError:
        return RunError(
            f"Importing `{name}` would run {stop.call}; importing must not spend money.",
            where=stop.where,
            next_step='Move that call under `if __name__ == "__main__":`.',
        )

    def _execute(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)  # type: ignore[union-attr]
        except ImportStopped as stop:
            self.stops[spec.name] = stop
        except BaseException:
            del sys.modules[spec.name]
            raise
        parent, _, child = spec.name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, module)
        return sys.modules[spec.name]

    @contextmanager
    def _refusing(self, site: CallSite | None) -> Iterator[None]:
        def on_compile(optimizer: Any, arguments: dict[str, Any]) -> None:
            frame = calling_user_frame(self.root)
            file, line = frame.f_code.co_filename, frame.f_lineno
            if site is not None and self.handover is None and site.holds(file, line):
                self.handover = handed_over(optimizer, arguments)
            raise ImportStopped(f"`{type(optimizer).__name__}.compile`", file_and_line(file, line, self.root))

        def on_evaluate() -> None:
            frame = calling_user_frame(self.root)
            raise ImportStopped("`Evaluate`", file_and_line(frame.f_code.co_filename, frame.f_lineno, self.root))

        with intercepting(on_compile, on_evaluate):
            yield


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if file else None
