"""Where a run's files lie, and what a user applied: names that store, worker, daemon and extension share.

workspace/
  .tunesmith/                 ours alone, and kept out of git
    runs/ID/                  a run; elsewhere where this folder cannot hold a store
      run.sqlite              its store, with SQLite's run.sqlite-wal while somebody writes
      run.lock                held by the process that executes the run
      program.json            what `program.load()` reads, where the run ships something
      report.json             the `ArtifactReport` about it
      study.journal           a search as an Optuna study, for other programs to look at
      students/NAME/          finetuned models (`student.py` says what is inside)
  compiled/                   what was applied, for the user to commit
    TARGET.json               program.json, with its report under `metadata.tunesmith`
    TARGET-student/           its finetuned model, or a folder for each of several
"""

import re

WORKSPACE_FOLDER = ".tunesmith"
RUNS_FOLDER = "runs"
STORE_FILE = "run.sqlite"
STORE_LOG = f"{STORE_FILE}-wal"
LOCK_FILE = "run.lock"
PROGRAM_FILE = "program.json"
REPORT_FILE = "report.json"
STUDY_FILE = "study.journal"
STUDENTS_FOLDER = "students"

COMPILED_FOLDER = "compiled"
ARTIFACT_SUFFIX = ".json"
_STUDENT_SUFFIX = "-student"
_APPLIED_STUDENT = re.compile(rf"(.+){_STUDENT_SUFFIX}(?:/[^/]+)?")


def student_beside(artifact: str) -> str:
    """The student's folder that belongs to an applied artifact: `compiled/TARGET-student` of `compiled/TARGET.json`."""
    return f"{artifact.removesuffix(ARTIFACT_SUFFIX)}{_STUDENT_SUFFIX}"


def artifact_beside(student: str) -> str | None:
    """The applied artifact that a student's folder belongs to: `compiled/TARGET.json` of `compiled/TARGET-student` and
    of what is inside. None for a folder of another name."""
    found = _APPLIED_STUDENT.fullmatch(student)
    return f"{found.group(1)}{ARTIFACT_SUFFIX}" if found else None
