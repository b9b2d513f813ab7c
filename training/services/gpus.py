"""The NVIDIA GPUs that this process may use, asked through NVIDIA's own library; none where there is no driver."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import pynvml


@dataclass(frozen=True)
class Gpus:
    """Handles of GPUs, and their names in words."""

    handles: tuple[Any, ...]
    names: str

    @classmethod
    @contextlib.contextmanager
    def here(cls) -> Iterator[Self]:
        """Lend the GPUs that `CUDA_VISIBLE_DEVICES` leaves to this process."""
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            yield cls((), "")
            return
        try:
            handles = tuple(_visible())
            yield cls(handles, _names(handles))
        finally:
            with contextlib.suppress(pynvml.NVMLError):
                pynvml.nvmlShutdown()

    def sample(self) -> dict[str, float]:
        """`gpu`, the mean share 0..1 of the time that they compute, and `gpu_memory` in use in bytes, or nothing."""
        if not self.handles:
            return {}
        try:
            shares = [pynvml.nvmlDeviceGetUtilizationRates(each).gpu / 100 for each in self.handles]
            memory = [int(pynvml.nvmlDeviceGetMemoryInfo(each).used) for each in self.handles]
        except pynvml.NVMLError:
            return {}
        return {"gpu": round(sum(shares) / len(shares), 3), "gpu_memory": sum(memory)}


def _visible() -> Iterator[Any]:
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    for index in range(pynvml.nvmlDeviceGetCount()):
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        names = (str(index), _text(pynvml.nvmlDeviceGetUUID(handle)))
        if chosen is None or any(one and one in names for one in map(str.strip, chosen.split(","))):
            yield handle


def _names(handles: tuple[Any, ...]) -> str:
    names = [_text(pynvml.nvmlDeviceGetName(handle)) for handle in handles]
    counted = {name: names.count(name) for name in names}
    return ", ".join(name if count == 1 else f"{count} x {name}" for name, count in counted.items())


def _text(value: str | bytes) -> str:
    # Older drivers' libraries answer in bytes.
    return value.decode() if isinstance(value, bytes) else value
