"""What words on the command line become."""

import argparse
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.protocol import Tuner
from tunesmith.protocol.session_messages import TargetInfo
from tunesmith.server.cli import apply
from tunesmith.server.cli.arguments import interpreter, target_under_root
from tunesmith.server.cli.dispatch import parse
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, key_value, not_negative
from tunesmith.server.cli.run_command import agrees_to_run_script, make_order
from tunesmith.server.cli.tuning_options import check_fits, tuning_keywords


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metric_threshold=0.5", ("metric_threshold", 0.5)),
        ("max_errors=3", ("max_errors", 3)),
        ("teacher_settings={}", ("teacher_settings", {})),
        ('name="a=b"', ("name", "a=b")),
        ("flag=true", ("flag", True)),
        ("nothing=null", ("nothing", None)),
    ],
)
def test_key_value(text: str, expected: tuple[str, object]) -> None:
    assert key_value(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("max_errors", "not KEY=VALUE"),
        ("=3", "not KEY=VALUE"),
        ("a-b=3", "not KEY=VALUE"),
        ("name=text", "text needs its quotes"),
        ("name=", "not JSON"),
    ],
)
def test_key_value_refused(text: str, complaint: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=complaint):
        key_value(text)


@pytest.mark.parametrize(("kind", "text", "expected"), [(int, "7", 7), (float, "0.5", 0.5), (float, "3", 3.0)])
def test_above_zero(kind: type[int] | type[float], text: str, expected: float) -> None:
    assert above_zero(kind)(text) == expected


@pytest.mark.parametrize(
    ("kind", "text"), [(int, "0"), (int, "-1"), (int, "1.5"), (int, "x"), (float, "0"), (float, "nan"), (float, "-inf")]
)
def test_above_zero_refused(kind: type[int] | type[float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        above_zero(kind)(text)


@pytest.mark.parametrize("text", ["-1", "1.0", "", "x"])
def test_not_negative_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        not_negative(text)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "VERB"),
        (["--json"], "--json|VERB"),
        (["tune"], "invalid choice: 'tune'"),
        (["optimize"], "TARGET"),
        (["optimize", "t", "--optimizer", "magic"], "invalid choice: 'magic'"),
        (["optimize", "t", "--auto", "huge"], "invalid choice: 'huge'"),
        (["optimize", "t", "--selection", "lucky"], "invalid choice: 'lucky'"),
        (["optimize", "t", "--strategy", "half"], "invalid choice: 'half'"),
        (["optimize", "t", "--epochs", "0"], "0 is not above zero"),
        (["model", "export", "s"], "--format"),
        (["model", "export", "s", "--format", "onnx"], "invalid choice: 'onnx'"),
        (["model", "serve", "s", "--port", "-1"], "-1 is below zero|expected one argument"),
        (["optimize", "t", "--max-calls", "0"], "0 is not above zero"),
        (["optimize", "t", "--max-usd", "cheap"], "'cheap' is not a number"),
        (["optimize", "t", "--seed", "-1"], "-1 is below zero|expected one argument"),
        (["optimize", "t", "--option", "a"], "'a' is not KEY=VALUE"),
        (["runs"], "ACTION"),
        (["runs", "show"], "RUN"),
        (["runs", "show", "latest", "--example", "first"], "'first' is not a whole number"),
        (["apply", "latest", "--form", "pickle"], "invalid choice: 'pickle'"),
        (["index", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_usage(words: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse(words)


def test_a_predictor_goes_with_instructions() -> None:
    assert parse(["apply", "latest", "--form", "instructions", "--predictor", "sort"]).predictor == "sort"
    with pytest.raises(UsageError, match="goes with --form instructions"):
        apply.run(parse(["apply", "latest", "--predictor", "sort"]))


def test_optimize_words() -> None:
    options = parse(
        [
            *("optimize", "intents", "--lm", "openai/gpt-4o-mini", "--max-usd", "1.5", "--threads", "4"),
            *("--max-labeled-demos", "0", "--option", "metric_threshold=0.5", "--option", "max_labeled_demos=9"),
        ]
    )
    assert (options.verb, options.target, options.optimizer) == ("optimize", "intents", None)
    assert (options.lm, options.max_usd, options.threads, options.seed) == ("openai/gpt-4o-mini", 1.5, 4, 0)
    assert tuning_keywords(options) == {"max_labeled_demos": 0, "metric_threshold": 0.5}


def test_words_of_mipro() -> None:
    words = ("--optimizer", "mipro-v2", "--prompt-lm", "openai/gpt-4o", "--auto", "medium", "--num-instructions", "9")
    options = parse(["optimize", "intents", *words, "--selection", "strict", "--max-program-calls", "250"])
    order = make_order(options, Path("/w"), optimizer=options.optimizer, keywords=tuning_keywords(options))
    assert (order.optimizer, order.prompt_lm) == ("mipro-v2", "openai/gpt-4o")
    assert order.options == {
        "auto": "medium",
        "num_instructions": 9,
        "selection": "strict",
        "max_program_calls": 250,
    }


def test_words_of_finetuning() -> None:
    words = ("--optimizer", "bootstrap-finetune", "--model", "local/smollm2-135m", "--strategy", "lora")
    more = ("--epochs", "1.5", "--learning-rate", "2e-4", "--samples", "3", "--teacher-lm", "openai/gpt-4o")
    options = parse(["optimize", "intents", *words, *more, "--option", "rank=8"])
    order = make_order(options, Path("/w"), optimizer=options.optimizer, keywords=tuning_keywords(options))
    assert (order.optimizer, order.model, order.teacher_lm) == (
        "bootstrap-finetune",
        "local/smollm2-135m",
        "openai/gpt-4o",
    )
    assert order.options == {"strategy": "lora", "epochs": 1.5, "learning_rate": 2e-4, "samples": 3, "rank": 8}


@pytest.mark.parametrize(
    ("words", "optimizer", "complaint"),
    [
        (["--auto", "light"], "bootstrap-fewshot", "--auto is an option of mipro-v2, not of bootstrap-fewshot, which"),
        (["--num-instructions", "0"], "bootstrap-fewshot", "--num-instructions is an option of mipro-v2"),
        (["--selection", "max"], "bootstrap-fewshot", "--selection is an option of mipro-v2"),
        (["--max-program-calls", "9"], "bootstrap-fewshot", "add --optimizer mipro-v2"),
        (["--prompt-lm", "m"], "bootstrap-fewshot", "--prompt-lm is an option of mipro-v2"),
        (["--teacher-rounds", "3"], "mipro-v2", "--teacher-rounds is an option of bootstrap-fewshot, not of mipro-v2"),
        (["--strategy", "lora"], "mipro-v2", "--strategy is an option of bootstrap-finetune, not of mipro-v2"),
        (["--model", "local/x"], "bootstrap-fewshot", "--model is an option of bootstrap-finetune"),
        (["--samples", "2"], "bootstrap-fewshot", "add --optimizer bootstrap-finetune"),
        (
            ["--max-labeled-demos", "2"],
            "bootstrap-finetune",
            "--max-labeled-demos is an option of bootstrap-fewshot and mipro-v2, not of bootstrap-finetune",
        ),
        (["--auto", "light"], "mipro-v2", None),
        (["--model", "local/x", "--strategy", "full", "--teacher-lm", "m"], "bootstrap-finetune", None),
        (["--teacher-rounds", "3", "--max-labeled-demos", "2"], "bootstrap-fewshot", None),
        (["--teacher-lm", "m", "--max-bootstrapped-demos", "2"], "mipro-v2", None),
    ],
)
def test_options_of_another_optimizer(words: list[str], optimizer: Tuner, complaint: str | None) -> None:
    options = parse(["optimize", "intents", *words])
    if complaint is None:
        check_fits(options, optimizer)
        return
    with pytest.raises(UsageError, match=re.escape(complaint)):
        check_fits(options, optimizer)


def test_a_named_optimizer_is_checked_before_anything_is_asked() -> None:
    options = parse(["optimize", "intents", "--optimizer", "bootstrap-fewshot", "--auto", "light"])
    with pytest.raises(UsageError, match=r"not of bootstrap-fewshot\. Leave"):
        make_order(options, Path("/w"), optimizer=options.optimizer, keywords={})


def test_interpreter_keeps_the_link_of_a_virtual_environment(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(Path("/bin/sh"))
    assert interpreter(str(link)) == str(link)


def test_interpreter_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such program"):
        interpreter(str(tmp_path / "python"))


def test_place_typed_in_a_subfolder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").touch()
    monkeypatch.chdir(tmp_path / "app")
    assert target_under_root("main.py:7", tmp_path) == "app/main.py:7"
    assert target_under_root("intents", tmp_path) == "intents"
    assert target_under_root("gone.py:7", tmp_path) == "gone.py:7"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SCRIPT = TargetInfo(
    name="t", kind="compile", file="tune.py", line=9, program="p", metric=None, trainset="d", importable=False
)


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_consent_on_a_terminal(
    typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert agrees_to_run_script(SCRIPT, as_json=False) is agreed
    assert "Run tune.py up to that call? [y/N]" in capsys.readouterr().err


@pytest.mark.parametrize(("stdin", "as_json"), [(io.StringIO("y\n"), False), (Terminal("y\n"), True)])
def test_no_consent_where_nobody_can_answer(stdin: io.StringIO, as_json: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", stdin)
    with pytest.raises(UsageError, match=r"tune.py:9: .* Agree with --yes-run-script"):
        agrees_to_run_script(SCRIPT, as_json=as_json)


def test_lsp_imports_little() -> None:
    code = """
import sys
from tunesmith.server.cli.dispatch import parse
assert parse(["lsp"]).standalone is False
print([name for name in ("msgspec", "pygls", "rich", "asyncio", "tunesmith.protocol") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
