"""Loading dspy the way a worker wants it: offline price table, and a disk cache that cannot run code."""

import os
from importlib import import_module

OFFLINE_PRICES = "LITELLM_LOCAL_MODEL_COST_MAP"


def prepare_dspy() -> None:
    """Import dspy and close its cache to arbitrary pickles. The user's own `configure_cache` still wins later."""
    os.environ.setdefault(OFFLINE_PRICES, "True")
    dspy = import_module("dspy")
    try:
        dspy.configure_cache(restrict_pickle=True)
    except Exception:  # noqa: BLE001 - a home that cannot be written; dspy itself falls back like this on import
        dspy.configure_cache(enable_disk_cache=False)
