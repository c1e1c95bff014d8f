"""The live benchmark: a fair split, the same words for both optimizers, calls counted, results kept as they come."""

import copy
from pathlib import Path
from typing import Any

import dspy
import msgspec
import pytest
from dspy.propose.utils import strip_prefix

from benchmarks.search import live
from benchmarks.search.tasks.banking import INTENTS, SortMessage
from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.proposer.parsing import parse_instructions

ROWS = [{"message": f"{intent} message {number}", "intent": intent} for intent in INTENTS for number in range(60)]


def row(arm: str, seed: int, held_out: str, **changed: Any) -> live.Row:
    told = {
        "date": "2026-01-01",
        "device": "none",
        "dspy": "3",
        "program_calls": 440,
        "lm_calls": 440,
        "prompt_calls": 3,
        "seconds": 60.0,
        "claimed": 0.5,
        "claimed_on": 40,
        "instruction": "Sort.",
        "demos": 4,
    }
    return live.Row(arm=arm, seed=seed, held_out=held_out, **{**told, **changed})


def small(seed: int = 0) -> live.Data:
    data = live.draw(ROWS, seed)
    return live.Data(data.train[:8], data.val[:6], data.held_out[:10])


def helped_by_demos() -> ScriptedLM:
    """Right for the first two intents; without demos it forgets the format now and then."""

    def answer(message: str) -> dict[str, str]:
        text = field("message", message)
        if not scripted.demos_shown[-1] and text.endswith(("0", "1", "2", "3")):
            return {"unknown": "?"}
        return {"intent": INTENTS[0] if text.startswith(INTENTS[0]) else INTENTS[1]}

    scripted = ScriptedLM(answer)
    # The answer looks at what was just asked.
    scripted.callbacks = [live.TALLY]
    return scripted


def test_the_parts_of_a_seed_share_no_example_and_every_intent_equally() -> None:
    data = live.draw(ROWS, 0)
    assert list(map(len, data)) == [60, 40, 100]
    assert len({example.message for part in data for example in part}) == 200
    for part in data:
        assert {sum(example.intent == intent for example in part) for intent in INTENTS} == {len(part) // 4}
    assert data == live.draw(ROWS, 0)
    assert data != live.draw(ROWS, 1)


def test_instructions_reach_both_as_they_are_written() -> None:
    assert len(set(live.INSTRUCTIONS)) == 20
    # dspy drops what looks like a prefix.
    assert [strip_prefix(text) for text in live.INSTRUCTIONS] == list(live.INSTRUCTIONS)
    answer = live.Writer(live.INSTRUCTIONS).answer("Write 20 instructions. Put each …")
    assert parse_instructions(answer) == list(live.INSTRUCTIONS)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("starting with the field `[[ ## summary ## ]]`", f"[[ ## summary ## ]]\n{live.DESCRIPTION}"),
        ("starting with the field `[[ ## proposed_instruction ## ]]`", "[[ ## proposed_instruction ## ]]\na"),
        ("x\n\nWrite 2 instructions. Put", "<instruction>a</instruction>\n<instruction>b</instruction>"),
        ("x\n\nWrite 5 instructions. Put", "<instruction>a</instruction>\n<instruction>b</instruction>"),
        ("Describe a data set", live.DESCRIPTION),
    ],
)
def test_the_writer_answers_in_the_form_it_is_asked_in(asked: str, expected: str) -> None:
    assert live.Writer(["a", "b"]).answer(asked).startswith(expected)


def test_the_writer_and_its_copies_go_on_in_one_list() -> None:
    writer = live.Writer(["a", "b", "c"])
    asked = "starting with the field `[[ ## proposed_instruction ## ]]`"
    told = [lm.answer(asked).splitlines()[1] for lm in (writer, writer.copy(rollout_id=1), writer, writer)]
    assert told == ["a", "b", "c", "c"]
    assert len(writer.calls) == 4
    assert copy.deepcopy(live.Writer(["a", "b"])).answer(asked).splitlines()[1] == "a"


@pytest.mark.parametrize("arm", live.ARMS)
def test_an_arm_is_measured(arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def watched(data: live.Data, seed: int) -> live.Compiled:
        seen["compiled"] = compiled = optimize(data, seed)
        return compiled

    optimize = live.ARMS[arm]
    monkeypatch.setitem(live.ARMS, arm, watched)
    lm = helped_by_demos()
    with dspy.context(lm=lm, adapter=dspy.ChatAdapter(use_json_adapter_fallback=False)):
        measured = live.measure(arm, 0, small())
    assert len(measured.held_out) == 10
    assert measured.program_calls + 10 == len(lm.asked)
    assert measured.lm_calls == measured.program_calls
    if arm == live.BASELINE:
        assert measured.program_calls == 0
    elif arm == live.DSPY:
        assert measured.program_calls > 66
    else:
        assert 40 < measured.program_calls <= 66


def test_ours_searches_with_the_two_instructions_dspy_keeps() -> None:
    tried: dict[str, set[str]] = {}
    for arm in (live.DSPY, live.SAME):
        lm: Any = helped_by_demos()
        systems: set[str] = set()
        tried[arm] = systems
        answer = lm._use_example

        def noted(messages: list[dict[str, Any]], answer: Any = answer, systems: set[str] = systems) -> str:
            systems.add(messages[0]["content"].partition("your objective is:")[2].strip())
            return str(answer(messages))

        lm._use_example = noted
        with dspy.context(lm=lm, adapter=dspy.ChatAdapter(use_json_adapter_fallback=False)):
            # All of the data: a smaller search would not reflect in any case.
            live.ARMS[arm](live.draw(ROWS, 3), 3)
    first, second = live.in_order(3)[1:3]
    own = SortMessage.instructions
    assert {" ".join(text.split()) for text in tried[live.SAME]} == {own, first, second}
    assert tried[live.SAME] == tried[live.DSPY]


def test_results_are_kept_and_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    kept = live.read(path)
    assert list(live.missing(kept, 1, None)) == [(arm, 0) for arm in live.ARMS]
    kept = msgspec.structs.replace(kept, rows=(row(live.DSPY, 0, "10"), row(live.SAME, 1, "11", claimed=None)))
    live.write(kept, path)
    assert live.read(path) == kept
    assert list(live.missing(kept, 2, live.DSPY)) == [(live.DSPY, 1)]
    assert (live.SAME, 1) not in set(live.missing(kept, 2, None))
    live.write(msgspec.structs.replace(kept, settings={**kept.settings, "threads": 9}), path)
    with pytest.raises(SystemExit, match="other settings"):
        live.read(path)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("0" * 40, "1" * 40, "won, +100.0 points"),
        ("1" * 40, "0" * 40, "lost, -100.0 points"),
        ("0" * 39 + "1", "0" * 38 + "11", "ahead, undecided, +2.5 points"),
        ("10" * 20, "01" * 20, "level, undecided, +0.0 points"),
    ],
)
def test_won_or_lost_is_said_by_the_interval(theirs: str, ours: str, expected: str) -> None:
    rows = [row(live.DSPY, 0, theirs), row(live.SAME, 0, ours)]
    assert f"- {live.SAME} − {live.DSPY}, seed 0: {expected}" in live.report(rows)


def test_seeds_are_pooled_over_those_that_have_both() -> None:
    rows = [row(live.DSPY, seed, "0" * 20) for seed in (0, 1)] + [row(live.USERS, seed, "1" * 20) for seed in (0, 1, 2)]
    compared = dict(live.compare(rows, live.USERS, live.DSPY))
    assert list(compared) == ["seed 0", "seed 1", "2 seeds together"]
    assert compared["2 seeds together"].low > compared["seed 0"].low > 0
