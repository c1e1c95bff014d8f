"""Which files are worth indexing: those that name dspy, and those that import one of them.

One hop, except through packages: an `__init__.py` hands on what it imports.
"""

from collections.abc import Callable, Mapping

from tunesmith.server.index.cache import CachedFile
from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.links import Links


def select_indexed(
    files: Mapping[str, CachedFile],
    open_documents: Mapping[str, FileFacts],
    mentioning: set[str],
    exists: Callable[[str], bool],
) -> frozenset[str]:
    links = Links(lambda path: None, exists)
    imports = {path: file.imports for path, file in files.items() if file.imports}
    imports.update({path: _imported(facts) for path, facts in open_documents.items()})
    chosen = fresh = mentioning
    while fresh:
        stems = {_module_stem(path) for path in fresh}
        importers = set()
        for path, modules in imports.items():
            if path in chosen:
                continue
            for module in modules:
                if module.rpartition(".")[2] in stems and _leads_to(links, path, module, fresh):
                    importers.add(path)
                    break
        chosen = chosen | importers
        fresh = {path for path in importers if path.endswith("__init__.py")}
    return frozenset(chosen)


def _leads_to(links: Links, path: str, module: str, fresh: set[str]) -> bool:
    name = module.lstrip(".")
    return links.module_file(path, name, len(module) - len(name)) in fresh


def _imported(facts: FileFacts) -> list[str]:
    modules = []
    for fact in facts.imports:
        module = "." * fact.level + fact.module
        modules.append(module)
        if fact.name is not None and fact.name != "*":
            modules.append(module + fact.name if module.endswith(".") else f"{module}.{fact.name}")
    return modules


def _module_stem(path: str) -> str:
    """The last part of the module's name."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return parts[-1] if parts else ""
