"""Finetuning where its packages are missing: a sentence, before a teacher is asked."""

import importlib.util
from typing import Any

import pytest


@pytest.mark.parametrize("estimate_only", [True, False])
def test_what_is_missing_is_named_before_anything_is_spent(
    here: Any, monkeypatch: pytest.MonkeyPatch, estimate_only: bool
) -> None:
    find_spec = importlib.util.find_spec

    def without_peft(name: str, package: str | None = None) -> Any:
        return None if name == "peft" else find_spec(name, package)

    monkeypatch.setattr("tunesmith.optim.finetune.extra.MODULES", ("peft",))
    monkeypatch.setattr(importlib.util, "find_spec", without_peft)
    here.extend_app("")
    outcome = here(optimizer="bootstrap-finetune", model="google/flan-t5-small", estimate_only=estimate_only)
    assert outcome.status == "failed"
    assert "Finetuning needs peft" in outcome.error.message
    assert "tunesmith[finetune]" in outcome.error.next_step
