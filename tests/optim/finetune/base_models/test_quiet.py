import logging
import warnings

import pytest

pytestmark = pytest.mark.finetune
pytest.importorskip("torch")
pytest.importorskip("transformers.modeling_gguf_pytorch_utils")  # importing torch and its company sets filters too
from transformers.utils import logging as transformers_logging  # noqa: E402

from tunesmith.optim.finetune.base_models.quiet import quiet_transformers  # noqa: E402


def state() -> tuple[int, bool, list[object]]:
    return (
        logging.getLogger("transformers").level,
        transformers_logging.is_progress_bar_enabled(),
        list(warnings.filters),
    )


def test_silent_inside_and_as_before_afterwards() -> None:
    before = state()
    with quiet_transformers():
        assert not transformers_logging.is_progress_bar_enabled()
        warnings.warn("nobody hears this", FutureWarning, stacklevel=1)
    assert state() == before


def test_as_before_after_an_error_too() -> None:
    before = state()
    with pytest.raises(KeyError), quiet_transformers():
        raise KeyError
    assert state() == before


def test_threads_that_leave_in_another_order() -> None:
    before = state()
    first, second = quiet_transformers(), quiet_transformers()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not transformers_logging.is_progress_bar_enabled()
    second.__exit__(None, None, None)
    assert state() == before
