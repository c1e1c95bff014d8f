"""The execution an optimizer works in: one under way, one kept in a folder, or one that lives in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.optim.rollouts.run import Run
from tunesmith.protocol.store import RunStore


@contextmanager
def execution(run: Run | None, run_dir: str | Path | None, *, threads: int | None, seed: int) -> Iterator[Run]:
    """`run` where it is given; else a new one over `run_dir`, which resumes what that folder holds; else in memory.

    Raises `RunOwned` while another process holds the folder, `StoreUnwritable` where it cannot be written.
    """
    if run is not None:
        yield run
        return
    with RunStore.open(Path(run_dir)) if run_dir is not None else RunStore.memory() as store:
        made = Run(store, threads=threads, seed=seed)
        if store.kept_aside is not None:
            made.warn_once(f"{store.path} could not be read; it was kept as {store.kept_aside} and begun anew.")
        yield made
