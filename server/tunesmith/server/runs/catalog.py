"""The runs of every root this daemon was asked about, read once and again only when they changed.

A list looks at every folder's time stamps. A snapshot, taken on each keystroke, looks at the two folders that hold
runs, at runs whose events this daemon saw since, and at runs other processes execute; without a change in them it is
the object of last time. Estimates are in neither. Safe to call from any thread.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from tunesmith.protocol import RunEvent, RunSummary, StatusChanged, as_progress
from tunesmith.protocol.folder_layout import REPORT_FILE, STORE_FILE, STORE_LOG
from tunesmith.server.runs.folders import RunPlaces, run_places
from tunesmith.server.runs.reading import ReadRun, read_run
from tunesmith.server.runs.snapshot import RunsSnapshot, take_snapshot
from tunesmith.server.text import describe_progress

Stamp = tuple[int, ...]


class RunCatalog:
    """What is known of runs, by root and id. `is_executing`: whether a worker of this daemon has a run."""

    def __init__(self, state_dir: Path, is_executing: Callable[[str], bool]) -> None:
        self._state_dir = state_dir
        self._is_executing = is_executing
        self._roots: dict[str, _RootRuns] = {}
        self._lock = threading.Lock()

    def summaries(self, root: Path) -> list[RunSummary]:
        """Every run of a root but estimates, newest first."""
        summaries = [run.summary for run in self._read_all(root) if not run.is_estimate]
        return sorted(summaries, key=lambda one: (one.created, one.run_id), reverse=True)

    def estimates(self, root: Path) -> list[RunSummary]:
        """Runs that were only to say what a run would cost, in no order."""
        return [run.summary for run in self._read_all(root) if run.is_estimate]

    def snapshot(self, root: Path) -> RunsSnapshot:
        """What an editor shows of a root's runs; the same object as long as nothing changed."""
        with self._lock:
            runs = self._runs(root)
            runs.read_changed()
            if runs.snapshot is None:
                runs.snapshot = take_snapshot(run for run in runs.read.values() if not run.is_estimate)
            return runs.snapshot

    def get(self, root: Path, run_id: str) -> ReadRun | None:
        """One run as it is now; None where there is none, or its folder holds no readable run."""
        with self._lock:
            runs = self._runs(root)
            runs.read_one(run_id)
            return runs.read.get(run_id)

    def places(self, root: Path) -> RunPlaces:
        """The folders that may hold runs of a root."""
        with self._lock:
            return self._runs(root).places

    def note(self, root: Path, run_id: str, event: RunEvent) -> None:
        """An event of a run this daemon executes, as it was committed."""
        with self._lock:
            self._runs(root).note(run_id, event)

    def _read_all(self, root: Path) -> list[ReadRun]:
        with self._lock:
            runs = self._runs(root)
            runs.read_all()
            return list(runs.read.values())

    def _runs(self, root: Path) -> "_RootRuns":
        key = os.path.realpath(root)
        if key not in self._roots:
            self._roots[key] = _RootRuns(run_places(root, self._state_dir), self._is_executing)
        return self._roots[key]


class _RootRuns:
    def __init__(self, places: RunPlaces, is_executing: Callable[[str], bool]) -> None:
        self.places = places
        self.read: dict[str, ReadRun] = {}
        self.snapshot: RunsSnapshot | None = None
        self._is_executing = is_executing
        self._stamps: dict[str, Stamp] = {}
        self._places_stamp: Stamp | None = None
        self._changed: set[str] = set()

    def read_all(self) -> None:
        # Stamped before it is read: a change in between is seen next time.
        self._places_stamp = self._stamp_places()
        present = {name for place in self.places.all() for name in _folder_names(place)}
        for run_id in present:
            self.read_one(run_id)
        for run_id in self._stamps.keys() - present:
            self._forget(run_id)
        self._changed.clear()

    def read_changed(self) -> None:
        if self._stamp_places() != self._places_stamp:
            self.read_all()
            return
        elsewhere = {
            run_id
            for run_id, run in self.read.items()
            if run.summary.status == "running" and not self._is_executing(run_id)
        }
        for run_id in self._changed | elsewhere:
            self.read_one(run_id)
        self._changed.clear()

    def read_one(self, run_id: str) -> None:
        run_dir = self.places.find(run_id)
        if run_dir is None:
            self._forget(run_id)
            return
        executing = self._is_executing(run_id)
        stamp = (*_stamp_store(run_dir), int(executing))
        known = self.read.get(run_id)
        died_perhaps = known is not None and known.summary.status == "running" and not executing
        if stamp == self._stamps.get(run_id) and run_id not in self._changed and not died_perhaps:
            return
        self._stamps[run_id] = stamp
        run = read_run(run_dir, is_executing=executing)
        if run == known:
            return
        self.snapshot = None
        if run is None:
            self.read.pop(run_id, None)
        else:
            self.read[run_id] = run

    def note(self, run_id: str, event: RunEvent) -> None:
        known = self.read.get(run_id)
        if isinstance(event, StatusChanged) or known is None:
            self._changed.add(run_id)
        elif known.summary.status == "running" and (progress := as_progress(event)) is not None:
            summary = msgspec.structs.replace(known.summary, progress=describe_progress(progress))
            self.read[run_id] = msgspec.structs.replace(known, summary=summary)
            self.snapshot = None

    def _forget(self, run_id: str) -> None:
        self._stamps.pop(run_id, None)
        if self.read.pop(run_id, None) is not None:
            self.snapshot = None

    def _stamp_places(self) -> Stamp:
        return tuple(_modified(place) for place in self.places.all())


def _stamp_store(run_dir: Path) -> Stamp:
    stamp: list[int] = []
    for name in (STORE_FILE, STORE_LOG, REPORT_FILE):
        try:
            status = (run_dir / name).stat()
        except OSError:
            stamp += [0, 0]
        else:
            stamp += [status.st_mtime_ns, status.st_size]
    return tuple(stamp)


def _modified(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _folder_names(place: Path) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return []
