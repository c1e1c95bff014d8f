"""The tour, with a scripted model in place of the embedded one: every step it shows, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.server.demo import tour
from tunesmith.server.demo.workspace_copy import copy_workspace

SCRIPTED = '''
import re
from types import SimpleNamespace


class ScriptedLM(dspy.BaseLM):
    """Misses the format without demonstrations; with them it is right, or as bad as before."""

    def __init__(self):
        super().__init__(model="scripted", cache=False)

    def forward(self, prompt=None, messages=None, **kwargs):
        message = messages[-1]["content"]
        if len(messages) <= 2 or not {learns}:
            text = "Certainly!"
        elif "`[[ ## topic ## ]]`" in message:
            asked = message.split("Respond with")[0]
            paid = any(word in asked for word in ("charge", "paid", "pay", "bill", "fee", "refund", "euros"))
            text = f"[[ ## topic ## ]]\\n{{'money' if paid else 'broken'}}"
        else:
            text = f"[[ ## bike ## ]]\\n{{re.search(r'[0-9]{{4}}', message)[0]}}"
        return SimpleNamespace(
            choices=[SimpleNamespace(message=SimpleNamespace(content=text, tool_calls=None), finish_reason="stop")],
            usage={{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
            model="scripted",
        )


{program}.set_lm(ScriptedLM())
'''


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`scripted(learns=True)`: the example's program brings its own model."""

    def script(*, learns: bool, source: str = "bike_desk.py", program: str = "desk") -> None:
        def copy(folder: Path, seed: int) -> None:
            copy_workspace(folder, seed)
            with (folder / source).open("a", encoding="utf-8") as file:
                file.write(SCRIPTED.format(learns=learns, program=program))
            settings = folder / "pyproject.toml"
            lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
            settings.write_text("".join(line for line in lines if not line.startswith("lm = ")), encoding="utf-8")

        monkeypatch.setattr(tour, "copy_workspace", copy)
        monkeypatch.setattr(tour, "is_fetched", lambda _: True)

    return script


def test_a_confirmed_gain(scripted: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripted(learns=True)
    assert tour.run_tour(0, tmp_path / "desk", json=False) == 0
    shown = capsys.readouterr().out
    expected = [
        f"The example: {tmp_path / 'desk'}",
        "An editor opens bike_desk.py and shows: Tune",
        "bootstrapping",
        "scoring the baseline",
        "The editor says: desk:",
        "demos of sort",
        "bootstrapped, example",
        "bike_desk.py:35: desk can be improved",
        "The code action “Load the compiled program",
        "new file: compiled/desk.json",
        "+desk.load(",
        "Also offered: “Write the 8 demos into the source",
        "artifact  ",
    ]
    place = 0
    for text in expected:
        assert text in shown[place:], f"{text!r} is missing, or out of order, in:\n{shown}"
        place = shown.index(text, place)
    assert shown.rstrip().endswith("confirmed")
    assert not (tmp_path / "desk" / "compiled").exists()  # shown, not done


def test_no_gain(scripted: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripted(learns=False)
    assert tour.run_tour(0, tmp_path / "desk", json=True) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["gain"]["verdict"] == "no gain"


def test_the_tour_with_instructions(scripted: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripted(learns=True, source="sorting.py", program="sorter")
    assert tour.run_tour(0, tmp_path / "desk", json=False, tuner="mipro-v2") == 0
    shown = capsys.readouterr().out
    expected = [
        "An editor opens sorting.py and shows: Tune",
        "bootstrapping",
        "searching",
        "demos of self",
        "sorting.py:7: sort can be improved",
        "The code action “Load the compiled program",
        "+sorter.load(",
        "target    sort · mipro-v2",
    ]
    place = 0
    for text in expected:
        assert text in shown[place:], f"{text!r} is missing, or out of order, in:\n{shown}"
        place = shown.index(text, place)
    assert shown.rstrip().endswith("confirmed")
