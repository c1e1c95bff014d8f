"""Answering the results page: run folders in, structs of `results_messages` out."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from tunesmith.protocol import METHODS, EventRecord, Wire
from tunesmith.protocol.results_messages import (
    AskCalls,
    AskCandidate,
    AskErrors,
    AskRun,
    CallList,
    CandidateNames,
    EventList,
    EventsAfter,
    FindRollouts,
    MaybeCandidate,
    RolloutList,
    RowsAfter,
    RunCosts,
    RunErrors,
    RunPicture,
    ScoreCells,
    WorkspaceRuns,
)
from tunesmith.protocol.session_messages import Empty
from tunesmith.protocol.store import RunReader, open_reader
from tunesmith.server.errors import RunUnknown, RunUnreadable
from tunesmith.server.results_page.columns import candidate_names, find_rollouts, run_costs, score_cells
from tunesmith.server.results_page.error_kinds import error_kinds
from tunesmith.server.runs import UNREADABLE, ReadRun, RunCatalog

MOST_EVENTS = 5000
MOST_WAIT = 25.0
LOOK_SECONDS = 0.25


class UnknownMethod(Exception):
    """The page asked for something that the table of methods has no `page→server` line for."""


class ResultsAnswers:
    """Answers for one workspace. Safe to call from any thread."""

    def __init__(self, root: Path, catalog: RunCatalog) -> None:
        self._root = root
        self._catalog = catalog
        self._closing = threading.Event()
        self._answers: dict[str, Callable[[Any], Wire]] = {
            "results/list": self._list,
            "results/run": self._run,
            "results/events": self._events,
            "results/candidates": self._candidates,
            "results/cells": self._cells,
            "results/candidate": self._candidate,
            "results/rollouts": self._rollouts,
            "results/calls": self._calls,
            "results/costs": self._costs,
            "results/errors": self._errors,
        }

    def answer(self, method: str, params: Any) -> Wire:
        """`params`: plain data. Raises `UnknownMethod`, `msgspec.ValidationError`, `RunUnknown`, `RunUnreadable`."""
        if method not in self._answers:
            raise UnknownMethod(method)
        question = msgspec.convert(params, METHODS[method].params)
        try:
            return self._answers[method](question)
        except UNREADABLE as error:
            raise RunUnreadable(getattr(question, "run_id", ""), str(error)) from error

    def close(self) -> None:
        """Let those go who wait for events."""
        self._closing.set()

    def _list(self, _: Empty) -> WorkspaceRuns:
        return WorkspaceRuns(root=str(self._root), runs=self._catalog.summaries(self._root))

    def _run(self, asked: AskRun) -> RunPicture:
        run = self._find(asked.run_id)
        with self._open(asked.run_id) as reader:
            return RunPicture(
                summary=run.summary,
                spec=reader.spec(),
                artifact=run.artifact,
                search=reader.search(),
                totals=reader.totals(),
            )

    def _events(self, asked: EventsAfter) -> EventList:
        ends = time.monotonic() + min(asked.wait, MOST_WAIT)
        with self._open(asked.run_id) as reader:
            while True:
                records: list[EventRecord] = reader.events(after=asked.after, limit=MOST_EVENTS)
                if records or time.monotonic() >= ends or self._closing.wait(LOOK_SECONDS):
                    return EventList(records=records, more=len(records) == MOST_EVENTS)

    def _candidates(self, asked: RowsAfter) -> CandidateNames:
        with self._open(asked.run_id) as reader:
            return candidate_names(reader, asked.after)

    def _cells(self, asked: RowsAfter) -> ScoreCells:
        with self._open(asked.run_id) as reader:
            return score_cells(reader, asked.after)

    def _candidate(self, asked: AskCandidate) -> MaybeCandidate:
        with self._open(asked.run_id) as reader:
            return MaybeCandidate(candidate=reader.candidate(asked.candidate))

    def _rollouts(self, asked: FindRollouts) -> RolloutList:
        with self._open(asked.run_id) as reader:
            return find_rollouts(reader, asked)

    def _calls(self, asked: AskCalls) -> CallList:
        with self._open(asked.run_id) as reader:
            return CallList(calls=reader.calls(rollout=asked.rollout))

    def _costs(self, asked: AskRun) -> RunCosts:
        with self._open(asked.run_id) as reader:
            return run_costs(reader)

    def _errors(self, asked: AskErrors) -> RunErrors:
        with self._open(asked.run_id) as reader:
            outcomes = reader.columns.outcomes
            return RunErrors(of=[one for name in asked.candidates for one in error_kinds(name, outcomes(name))])

    def _find(self, run_id: str) -> ReadRun:
        run = self._catalog.get(self._root, run_id)
        if run is None:
            raise RunUnknown(run_id, self._root)
        return run

    def _open(self, run_id: str) -> AbstractContextManager[RunReader]:
        run_dir = self._catalog.places(self._root).find(run_id)
        if run_dir is None:
            raise RunUnknown(run_id, self._root)
        return open_reader(run_dir)
