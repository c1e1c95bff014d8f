"""What the commands behind lenses and actions order."""

from typing import Any

import pytest

from tunesmith.protocol.session_messages import StartRun
from tunesmith.server.lsp.handlers import commands


@pytest.mark.parametrize(
    ("command", "arguments", "optimizer"),
    [
        ("tunesmith.tune", {}, None),
        ("tunesmith.tune", {"optimizer": "mipro-v2"}, "mipro-v2"),
        ("tunesmith.evaluate", {}, "evaluate"),
    ],
)
async def test_tuning_is_left_to_the_target_s_own_optimizer(
    command: str, arguments: dict[str, Any], optimizer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[StartRun] = []

    async def start(_: object, order: StartRun) -> None:
        ordered.append(order)

    monkeypatch.setattr(commands, "_start", start)
    await commands.COMMANDS[command](None, {"root": "/w", "target": "triage", **arguments})  # type: ignore[arg-type]
    assert [(order.target, order.optimizer) for order in ordered] == [("triage", optimizer)]
