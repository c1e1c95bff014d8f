"""Replays keep what is done, and every contestant stays within its calls."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.search import contest, peers, recorded, recording, replay
from benchmarks_search.small_recording import recording as made_up

SETTING = "L P1 3x6 V100 med"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(replay, "KEPT", tmp_path)
    return tmp_path


def test_a_contest_is_within_its_calls_and_the_same_again() -> None:
    outcomes = [one for side in contest.SIDES for one in contest.hold(SETTING, 3, side)]
    budget = peers.calls_of(peers.full_trials((3, 6), 6), 100)
    assert sorted((one.contestant, one.share) for one in outcomes) == sorted(
        (contestant, share) for share in contest.SHARES for contestant in contest.CONTESTANTS
    )
    assert all(one.calls <= budget * one.share // 100 for one in outcomes)
    for side in contest.SIDES:
        assert contest.hold(SETTING, 3, side) == contest.hold(SETTING, 3, side) != contest.hold(SETTING, 4, side)


def test_a_clear_gain_is_found_on_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made_up(
        lambda instruction, demos, example: example % 10 < (9 if (instruction, demos) == (2, 1) else 2), examples=200
    )
    recording.write(whole, tmp_path / "made-up.json.gz")
    monkeypatch.setattr(contest, "path_of", lambda task: tmp_path / f"{task}.json.gz")
    at = {(one.contestant, one.share): one for side in contest.SIDES for one in contest.hold("made-up", 0, side)}
    best = recorded.RecordedTask(whole, seed=0).gain((2, 1))
    assert best > 50
    for contestant in contest.CONTESTANTS:
        assert at[contestant, 100].gain == best, contestant


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(KeyError):
        contest.hold("no such setting", 0, "ours")


def test_a_stopped_replay_goes_on(kept: Path) -> None:
    replay.replay([SETTING], [0, 1, 2], processes=1)
    whole = {path: path.read_bytes() for path in kept.iterdir()}
    assert len(whole) == len(contest.SIDES)
    # Killed while the last lines were written.
    for path, text in whole.items():
        path.write_bytes(text[:-20])
    replay.replay([SETTING], [0, 1, 2], processes=1)
    assert {path: path.read_bytes() for path in kept.iterdir()} == whole
    outcomes = replay.kept_outcomes(SETTING)
    assert {len(of_seed) for of_seed in outcomes.values()} == {len(contest.SHARES) * len(contest.CONTESTANTS)}


def test_what_is_kept_is_not_run_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(replay, "finished", lambda jobs, processes: asked.append(list(jobs)) or iter(()))
    replay.path_of(SETTING, "peers").write_bytes(msgspec.json.encode(replay.Kept(1, ())) + b"\n")
    replay.replay([SETTING], [0, 1, 2], processes=1)
    assert asked == [[(SETTING, "ours", seed) for seed in (0, 1, 2)] + [(SETTING, "peers", seed) for seed in (0, 2)]]
    assert replay.kept_outcomes(SETTING) == {}
