"""Two windows on a workspace: one of an editor that can do everything, one of an editor that can do little."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden.editor import Editor
from golden.machine import WORKSPACES, Machine
from golden.normalise import Normaliser

REFRESHES = {"refreshSupport": True}
FULL: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}, "showMessage": {}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "failureHandling": "textOnlyTransactional",
        },
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "codeLens": REFRESHES,
        "inlayHint": REFRESHES,
        "diagnostics": REFRESHES,
        "executeCommand": {},
        "workspaceFolders": True,
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor.rewrite"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "codeLens": {},
        "diagnostic": {},
        "inlayHint": {},
        "inlineCompletion": {},
        "publishDiagnostics": {"relatedInformation": True},
    },
}
LITTLE: dict[str, Any] = {"workspace": {"applyEdit": True}, "textDocument": {"publishDiagnostics": {}}}
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 10_000, "character": 0}}
DEMOS = {"max_bootstrapped_demos": 3, "max_labeled_demos": 4}

IN_PROGRAM = [
    ("desk.set_lm(ScriptedModel())\n", "^"),
    ("desk = Desk()\n", "desk = Desk()\ndesk.sort^\n"),
    ("        self.reply = dspy", "        ^\n        self.reply = dspy"),
    ('"""Tell what the message is about."""', '"""^"""'),
]
IN_SORTING = [
    ('"""Tell the topic."""', '"""^"""'),
    ('"""Tell the topic."""', '"""Tell^"""'),
    ("sorter.set_lm(ScriptedModel())\n", "^"),
]


def record_session(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("session", WORKSPACES / "desk")
    for name, capabilities, script in (("full", FULL, use_everything), ("little", LITTLE, use_little)):
        editor = Editor(machine, root)
        try:
            folder = {"uri": root.as_uri(), "name": root.name}
            options = {"trusted": script is use_everything}
            params = {"processId": None, "rootUri": root.as_uri(), "workspaceFolders": [folder]}
            editor.ask("initialize", {**params, "capabilities": capabilities, "initializationOptions": options})
            editor.tell("initialized", {})
            script(editor)
            code = editor.leave()
        finally:
            editor.close()
        yield f"{name}/transcript.json", names.json(editor.transcript)
        yield f"{name}/told.json", names.json({**editor.told(), "exit code": code})


def use_everything(editor: Editor) -> None:
    program = editor.root / "desk" / "program.py"
    sorting = editor.root / "desk" / "sorting.py"
    document, other = editor.open(program), editor.open(sorting)
    look(editor, document)
    tune = {"root": str(editor.root), "target": "desk", "options": DEMOS}
    found = editor.ask("workspace/executeCommand", {"command": "tunesmith.tune", "arguments": [tune]})
    editor.until_messages(1)
    watch(editor, found["run_id"])
    look(editor, document)
    resolve(editor, document)
    search = {"root": str(editor.root), "target": "sort", "options": {"max_program_calls": 60}}
    found = editor.ask("tunesmith/startRun", search)
    watch(editor, found["run_id"])
    look(editor, other)
    resolve(editor, other)
    suggest(editor, document, program, IN_PROGRAM)
    suggest(editor, other, sorting, IN_SORTING)
    ask_everything_of_ours(editor, found["run_id"])
    make_it_stale(editor, document, program)


def look(editor: Editor, document: dict[str, Any], **context: Any) -> None:
    """At what is shown in a document."""
    editor.ask("textDocument/diagnostic", {"textDocument": document})
    editor.ask("textDocument/codeLens", {"textDocument": document})
    editor.ask("textDocument/inlayHint", {"textDocument": document, "range": EVERYWHERE})
    actions(editor, document, **context)


def actions(editor: Editor, document: dict[str, Any], **context: Any) -> list[Any]:
    params = {"textDocument": document, "range": EVERYWHERE, "context": {"diagnostics": [], **context}}
    return editor.ask("textDocument/codeAction", params) or []


def resolve(editor: Editor, document: dict[str, Any]) -> None:
    """Every action there is: the edits are in the transcript."""
    for action in actions(editor, document, only=["refactor", "quickfix"]):
        if action.get("data"):
            editor.ask("codeAction/resolve", action)


def watch(editor: Editor, run_id: str) -> None:
    editor.ask("tunesmith/watchRun", {"root": str(editor.root), "run_id": run_id})
    editor.until_run_rests(run_id)


def suggest(editor: Editor, document: dict[str, Any], path: Path, begun: list[tuple[str, str]]) -> None:
    """Ghost text at `^`, where a passage is replaced; then the old text again."""
    text = path.read_text(encoding="utf-8")
    for version, (passage, marked) in enumerate(begun, start=2):
        before, _, after = text.replace(passage, marked).partition("^")
        editor.type(document, before + after, version)
        last = before.rpartition("\n")[2]
        position = {"line": before.count("\n"), "character": len(last)}
        params = {"textDocument": document, "position": position, "context": {"triggerKind": 1}}
        editor.ask("textDocument/inlineCompletion", params)
    editor.type(document, text, len(begun) + 2)
    editor.ask("textDocument/diagnostic", {"textDocument": document})


def ask_everything_of_ours(editor: Editor, run_id: str) -> None:
    root = {"root": str(editor.root)}
    run = {**root, "run_id": run_id}
    for method in ("index", "check"):
        editor.ask(f"tunesmith/{method}", root)
        editor.ask(f"tunesmith/{method}", {**root, "path": "desk/program.py"})
    for method in ("targets", "listRuns"):
        editor.ask(f"tunesmith/{method}", root)
    evaluated = editor.ask("tunesmith/startRun", {**root, "target": "desk", "optimizer": "evaluate"})
    watch(editor, evaluated["run_id"])
    editor.ask("tunesmith/showRun", {**root, "run_id": evaluated["run_id"], "example": 2})
    for form in ("load", "demos", "instructions"):
        editor.ask("tunesmith/apply", {**run, "form": form})
    editor.ask("tunesmith/apply", {**root, "run_id": evaluated["run_id"]})
    editor.ask("tunesmith/cancelRun", run)
    editor.ask("tunesmith/resumeRun", run)
    editor.ask("tunesmith/status", {})
    editor.ask("tunesmith/startRun", {**root, "target": "nothing"})
    editor.ask("tunesmith/startRun", {**root, "target": "Desk()"})
    editor.ask("tunesmith/startRun", {"target": "desk"})
    editor.ask("tunesmith/showRun", {**root, "run_id": "nothing"})
    editor.ask("tunesmith/nothing", {})
    editor.ask("workspace/executeCommand", {"command": "tunesmith.showRun", "arguments": [run]})
    for command in ("cancel", "resume", "tune", "evaluate"):
        arguments = [{**root, "run_id": "nothing", "target": "nothing"}]
        editor.ask("workspace/executeCommand", {"command": f"tunesmith.{command}", "arguments": arguments})
    editor.ask("workspace/executeCommand", {"command": "tunesmith.tune", "arguments": []})


def make_it_stale(editor: Editor, document: dict[str, Any], program: Path) -> None:
    """Apply a run, look at it, and then rename a field."""
    runs = editor.ask("tunesmith/listRuns", {"root": str(editor.root)})["runs"]
    tuned = next(run["run_id"] for run in runs if run["target"] == "desk" and run["optimizer"] == "bootstrap-fewshot")
    editor.ask("tunesmith/apply", {"root": str(editor.root), "run_id": tuned, "write": True})
    text = program.read_text(encoding="utf-8")
    editor.type(document, text, 100)  # versions only grow
    editor.tell("textDocument/didSave", {"textDocument": document})
    editor.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": document["uri"], "type": 2}]})
    look(editor, document)
    editor.type(document, text.replace("reply: str", "answer: str"), 101)
    shown = editor.ask("textDocument/diagnostic", {"textDocument": document})
    look(editor, document, diagnostics=shown["items"])
    editor.type(document, text, 102)
    editor.tell("textDocument/didClose", {"textDocument": document})


def use_little(editor: Editor) -> None:
    """Diagnostics are pushed, actions are commands, and nothing may run."""
    program = editor.root / "desk" / "program.py"
    program.write_text(program.read_text(encoding="utf-8").replace("reply: str", "answer: str"), encoding="utf-8")
    editor.ask("tunesmith/check", {"root": str(editor.root)})  # the folder is read before a document is opened
    document = editor.open(program)
    editor.until(
        lambda one: one.get("method") == "textDocument/publishDiagnostics" and one["params"]["diagnostics"],
        "a diagnostic that is pushed",
    )
    editor.ask("textDocument/codeLens", {"textDocument": document})
    for command in actions(editor, document):
        editor.ask("workspace/executeCommand", {key: command[key] for key in ("command", "arguments")})
    for command in ("tune", "evaluate"):
        arguments = [{"root": str(editor.root), "target": "desk"}]
        editor.ask("workspace/executeCommand", {"command": f"tunesmith.{command}", "arguments": arguments})
