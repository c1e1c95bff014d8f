"""Importing generated user code in the test's own process, and forgetting it again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dspy


@contextmanager
def forgetting_imports(root: Path) -> Iterator[None]:
    """Afterwards `sys.path`, `__main__`, dspy's language model and the modules below `root` are as before."""
    path, main, lm = list(sys.path), sys.modules["__main__"], dspy.settings.lm
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules["__main__"] = main
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(root):
                del sys.modules[name]
        dspy.configure(lm=lm)
