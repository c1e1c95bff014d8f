"""How a worker loads dspy."""

import dspy

from tunesmith.optim.worker.dspy_setup import prepare_dspy


def disk_classes():
    return {type(shard._disk).__name__ for shard in dspy.cache.disk_cache._shards}


def test_the_disk_cache_unpickles_no_code(monkeypatch):
    unrestricted = disk_classes()
    monkeypatch.setattr(dspy, "cache", dspy.cache)
    prepare_dspy()
    assert disk_classes() != unrestricted
    assert all("Restricted" in name for name in disk_classes())


def test_a_home_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr(dspy, "cache", dspy.cache)
    configure = dspy.configure_cache

    def read_only(**options: object) -> None:
        if options.get("enable_disk_cache", True):
            raise PermissionError("read-only")
        configure(**options)

    monkeypatch.setattr(dspy, "configure_cache", read_only)
    prepare_dspy()
    assert not dspy.cache.enable_disk_cache
