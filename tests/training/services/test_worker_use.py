"""What a worker uses of its machine."""

from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from tests.factories import add_images, make_project, texts
from tests.support.site import wait_until
from training.models import Run, WorkerUse
from training.services import gpus as gpus_module
from training.services.gpus import Gpus
from training.services.runs import create_run
from training.services.worker_use import MOST_SAMPLES, Sampler, WorkerWatch, kept


def sampled(count: int, every: float = 5.0) -> tuple[dict[str, list[float | None]], float]:
    columns: dict[str, list[float | None]] = {}
    for number in range(1, count + 1):
        columns, every = kept(columns, {"seconds": 5.0 * number, "own": 0.5}, every)
    return columns, every


def test_a_short_run_keeps_every_sample() -> None:
    columns, every = sampled(20)
    assert columns["seconds"] == [5.0 * number for number in range(1, 21)]
    assert every == 5.0


def test_a_long_run_keeps_fewer_samples_over_its_whole_length_and_the_newest() -> None:
    columns, every = sampled(50_000)
    assert len(columns["seconds"]) <= MOST_SAMPLES + 1
    assert {name: len(values) for name, values in columns.items()} == dict.fromkeys(
        columns, len(columns["seconds"])
    )
    assert columns["seconds"][0] is not None
    assert columns["seconds"][0] <= 2 * every
    assert columns["seconds"][-1] == 250_000
    gaps = [b - a for a, b in zip(columns["seconds"], columns["seconds"][1:-1], strict=False)]  # type: ignore[operator]
    assert max(gaps) <= 2.2 * every


def test_a_figure_that_comes_later_has_no_value_before() -> None:
    columns, _ = kept({"seconds": [5.0], "own": [0.5]}, {"seconds": 10.0, "own": 0.4, "gpu": 0.9}, 5.0)
    assert columns == {"seconds": [5.0, 10.0], "own": [0.5, 0.4], "gpu": [None, 0.9]}


def test_a_sample_says_how_much_this_process_computes_and_holds() -> None:
    sampler = Sampler(Gpus((), ""))
    sum(number * number for number in range(2_000_000))
    sample = sampler.sample()
    assert 0 < sample["own"] <= 1
    assert 0 <= sample["machine"] <= 1
    assert sample["memory"] > 10 * 2**20
    assert "gpu" not in sample


@pytest.mark.django_db(transaction=True)
def test_a_run_has_its_worker_watched_until_it_ends() -> None:
    run = a_run()
    with WorkerWatch(run, every=0.05):
        wait_until(
            lambda: (WorkerUse.objects.filter(run=run).first() or WorkerUse(columns={})).columns.get("own"),
            seconds=30,
            what="a sample",
        )
    use = WorkerUse.objects.get(run=run)
    assert use.host
    assert "core" in use.device
    count = len(use.columns["seconds"])
    with WorkerWatch(run, every=0.05):
        wait_until(
            lambda: len(WorkerUse.objects.get(run=run).columns["seconds"]) > count + 1,
            seconds=30,
            what="more samples",
        )
    seconds = WorkerUse.objects.get(run=run).columns["seconds"]
    # A resumed run goes on where it was.
    assert seconds == sorted(seconds)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_deleted_meanwhile_does_not_end_its_worker() -> None:
    run = a_run()
    with WorkerWatch(run, every=0.02):
        wait_until(lambda: WorkerUse.objects.filter(run=run).exists(), seconds=30, what="a row")
        Run.objects.filter(pk=run.pk).delete()


class Driver:
    """NVIDIA's library as it answers on a machine with two GPUs."""

    NVMLError = pynvml.NVMLError

    def nvmlInit(self) -> None: ...
    def nvmlShutdown(self) -> None: ...
    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return f"GPU-{handle}"

    def nvmlDeviceGetName(self, handle: int) -> bytes:
        return b"NVIDIA A100"

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        return SimpleNamespace(gpu=(40, 80)[handle])

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        return SimpleNamespace(used=2**30)


@pytest.mark.parametrize(
    ("visible", "names", "sample"),
    [
        (None, "2 x NVIDIA A100", {"gpu": 0.6, "gpu_memory": 2**31}),
        ("1", "NVIDIA A100", {"gpu": 0.8, "gpu_memory": 2**30}),
        ("GPU-0", "NVIDIA A100", {"gpu": 0.4, "gpu_memory": 2**30}),
        ("", "", {}),
    ],
)
def test_only_the_gpus_that_the_process_may_use_count(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, names: str, sample: dict[str, float]
) -> None:
    monkeypatch.setattr(gpus_module, "pynvml", Driver())
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with Gpus.here() as gpus:
        assert (gpus.names, gpus.sample()) == (names, sample)


def test_a_machine_without_a_driver_has_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", missing)
    with Gpus.here() as gpus:
        assert (gpus.handles, gpus.names, gpus.sample()) == ((), "", {})


def a_run() -> Run:
    project = make_project()
    add_images(project, texts(40))
    return create_run(project=project, user=project.created_by, here=True)
