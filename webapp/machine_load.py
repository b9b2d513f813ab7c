"""How busy a worker's machine is: processors, memory, and GPUs where there are any."""

from dataclasses import dataclass

import psutil

from training.services.gpus import Gpus


@dataclass(frozen=True)
class MachineLoad:
    """Shares are 0..1 of the whole machine, memory is in bytes; the GPU's are None where there is none."""

    cores: int
    cpu: float
    memory: int
    memory_total: int
    gpus: str = ""
    gpu: float | None = None
    gpu_memory: int | None = None

    @property
    def memory_share(self) -> float:
        return self.memory / self.memory_total if self.memory_total else 0.0


def machine_load() -> MachineLoad:
    """Look at this machine; `cpu` is of the time since this process asked before, 0 when it asks first."""
    memory = psutil.virtual_memory()
    with Gpus.here() as gpus:
        sample = gpus.sample()
        return MachineLoad(
            cores=psutil.cpu_count() or 1,
            cpu=psutil.cpu_percent() / 100,
            memory=memory.total - memory.available,
            memory_total=memory.total,
            gpus=gpus.names,
            gpu=sample.get("gpu"),
            gpu_memory=None if "gpu_memory" not in sample else int(sample["gpu_memory"]),
        )
