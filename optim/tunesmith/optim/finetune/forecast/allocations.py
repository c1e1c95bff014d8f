"""Following what operators allocate, on tensors with memory and on fake ones alike."""

import weakref
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_

FREED = -1


class AllocationWatch(TorchDispatchMode):  # type: ignore[misc]  # torch is not followed
    """While it is active, the bytes of every storage that an operator made and that is still alive.

    `live`, `allocated` (ever) and `peak` are in bytes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = 0
        self.allocated = 0
        self.peak = 0
        """Since the last `mark`."""
        self.peaks: dict[str, int] = {}
        self.events: list[tuple[int, int]] = []
        """In order: a storage's number, and its bytes or `FREED`."""
        self._numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._made = 0

    def mark(self, name: str) -> None:
        """The part of the computation that ends here is called so; its peak is kept. Only the first call counts."""
        if name not in self.peaks:
            self.peaks[name], self.peak = self.peak, self.live

    def add(self, value: Any) -> None:
        """Takes in a tensor that was there before. Anything else is left alone."""
        if not isinstance(value, torch.Tensor):
            return
        storage = value.untyped_storage()
        if storage in self._numbers:
            return
        number, size = self._made, storage.nbytes()
        self._made += 1
        self._numbers[storage] = number
        self.live += size
        self.allocated += size
        self.peak = max(self.peak, self.live)
        self.events.append((number, size))
        weakref.finalize(storage, self._freed, number, size)

    def _freed(self, number: int, size: int) -> None:
        self.live -= size
        self.events.append((number, FREED))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        tree_map_(self.add, made)
        return made
