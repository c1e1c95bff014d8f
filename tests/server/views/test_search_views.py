"""What people read of a search: in a run's detail, and of its features."""

from typing import Any

import pytest
from msgspec import structs

from support.runs.run_samples import artifact_report, run_report, run_summary
from support.runs.search_samples import CHOICE, arm, feature, level, search_report
from tunesmith.protocol import Factor
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.text.run_sentences import describe_missing_search
from tunesmith.server.text.searches import describe_arm, describe_mean, scale_of
from tunesmith.server.views.report import diff_lines, instruction_lines, report_lines
from tunesmith.server.views.run_detail import detail_lines
from tunesmith.server.views.search import effects_lines, search_lines


def detail(**changes: Any) -> RunDetail:
    facts: dict[str, Any] = {
        "summary": run_summary(run_report()),
        "artifact": None,
        "candidates": [],
        "events": [],
        "rollouts": [],
        "calls": [],
    }
    return RunDetail(**facts | changes)


def test_search_in_the_detail() -> None:
    shown = "\n".join(search_lines(search_report()))
    assert (
        shown
        == """\
search: 212 of at most 650 program calls, 7 batches, 2 candidates tried
leader: i2d1, instruction 2 (errors), demos 1 (diverse)

best so far  n   score  estimate  95 % interval  P better  what it is
i2d1         60  70 %   71 %      64 to 78       0.93      instruction 2 (errors), demos 1 (diverse)
baseline     60  15 %   16 %      10 to 22                 as it came"""
    )


def test_long_lists_are_cut_and_said_to_be() -> None:
    search = search_report(measured=[arm(f"c{number}", [0, 0]) for number in range(11)])
    lines = search_lines(search)
    assert lines[-1] == "and 3 more"
    assert sum(line.startswith("c") for line in lines) == 8


def test_candidates_that_are_not_reported_are_counted() -> None:
    lines = search_lines(search_report(tried=75))
    assert lines[0].endswith("75 candidates tried")
    assert lines[-1] == "and 73 more"


def test_pareto_front() -> None:
    cheap = arm("baseline", [0, 0], mean=0.5, tokens=312.4, seconds=0.25)
    measured = [arm("i2d1", [2, 1], tokens=2100), cheap]
    lines = search_lines(search_report(measured=measured, front=["baseline"]))
    assert lines[-3:] == [
        "no candidate beats these in every objective",
        "  candidate  estimate  tokens  seconds",
        "  baseline   50 %      312     0.25",
    ]


def test_detail_has_instructions_then_search_then_demos() -> None:
    artifact = structs.replace(artifact_report(demos={"sort": [{"text": "a", "label": "b"}]}), instructions=[CHOICE])
    lines = detail_lines(detail(artifact=artifact, search=search_report()))
    starts = [line for line in lines if line.startswith(("instruction of", "search:", "demos of", "candidates"))]
    assert [line.split(":")[0] for line in starts] == ["instruction of sort, from errors", "search", "demos of sort"]


def test_instructions_changed() -> None:
    assert instruction_lines([CHOICE]) == [
        "instruction of sort, from errors",
        "  +6.1 points (1 to 11): asks for the label alone",
        "      Sort the message.",
        "    + Answer with the label alone.",
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a", "b", ["- a", "+ b"]),
        ("a\nb\nc", "a\nc", ["  a", "- b", "  c"]),
        ("", "b", ["+ b"]),
        ("a", "", ["- a"]),
        ("a\n\nb", "a\n\nb", ["  a", "  ", "  b"]),
        ("--- a", "+++ b", ["- --- a", "+ +++ b"]),
    ],
)
def test_diff(before: str, after: str, lines: list[str]) -> None:
    assert diff_lines(before, after) == lines


def test_features() -> None:
    shown = "\n".join(effects_lines(search_report()))
    assert (
        shown
        == """\
after 212 of at most 650 program calls, 7 batches; effects are relative to the program as it came

sort: properties of its instructions, the surest first
  property     points  95 % interval  P helps  instructions  meaning
  label alone  +5.8    +2.8 to +8.8   > 0.99   4             asks for nothing but the label
  persona      -1.2    -4.2 to +1.8   0.31     2             gives the model a role

sort: instructions
     from    points  95 % interval  rollouts  text
  2  errors  +6.1    +1.1 to +11.1  42        Answer with the label alone.
  0  own                            40        Sort the message.
  1  data    0.0     -5.0 to +5.0   41        The messages are short. Sort them.

sort: demo sets
     from     points  95 % interval  rollouts  text
  1  diverse  +12.0   +7.0 to +17.0  41        4 demos, 312 tokens

never tried, predicted best
  predicted  95 % interval  P better  what it is
  69 %       50 to 88       0.90      instruction 1 (data), demos 1 (diverse)"""
    )


TWO = [Factor(predictor=name, kind="instruction", levels=2) for name in ("sort", "reply")]


def test_predictors_are_kept_apart() -> None:
    search = search_report(
        factors=TWO,
        effects=[level(1, "data", "One.", 0.1), level(1, "role", "Two.", 0.2, predictor="reply")],
        features=[
            feature("persona", "gives the model a role", 0.1, 0.9, predictor="reply"),
            feature("length", "is long", 0.0, 0.5),
        ],
        measured=[arm("c1", [1, 1])],
        untried=[],
    )
    titles = [line for line in effects_lines(search) if line and not line.startswith(" ")][1:]
    assert titles == [
        "sort: properties of its instructions, the surest first",
        "sort: instructions",
        "reply: properties of its instructions, the surest first",
        "reply: instructions",
    ]
    assert describe_arm(search, search.measured[0]) == "sort: instruction 1 (data); reply: instruction 1 (role)"
    assert describe_arm(search, arm("c2", [0, 1])) == "reply: instruction 1 (role)"


def test_a_share_ends_at_both_ends_of_its_scale() -> None:
    search = search_report(measured=[arm("i1d0", [1, 0], mean=1.02, low=-0.1, high=1.1)])
    scale = scale_of(search)
    assert (scale.mean(1.02), scale.range(search.measured[0])) == ("100 %", "0 to 100")
    assert describe_mean(1.02) == "100 %"


def test_a_metric_of_another_unit_is_not_told_in_per_cent() -> None:
    search = search_report(measured=[arm("c3", [2, 1], score=3.5, mean=3.512, low=3.0, high=4.0)])
    scale = scale_of(search)
    assert (scale.mean(3.512), scale.range(search.measured[0]), scale.unit) == ("3.51", "3.00 to 4.00", "effect")
    assert scale.effect(level(1, "data", "", 0.512)) == ("+0.51", "+0.46 to +0.56")


@pytest.mark.parametrize(
    ("optimizer", "status", "sentence"),
    [
        ("bootstrap-fewshot", "finished", "has no search: bootstrap-fewshot compares no instructions"),
        ("mipro-v2", "running", "has closed no batch yet (running)"),
    ],
)
def test_no_search(optimizer: str, status: str, sentence: str) -> None:
    assert sentence in describe_missing_search(run_summary(run_report(), optimizer=optimizer, status=status))


def test_a_searched_score_is_marked() -> None:
    note = "note      the search chose on the examples scored here: expect less of it on new ones"
    assert note in report_lines(run_report(searched=True))
    assert note not in report_lines(run_report())
    assert note not in report_lines(run_report(searched=True, tuned=None, gain=None))
