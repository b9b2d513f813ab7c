"""Processor time of a training, over interruptions."""

import time
from pathlib import Path

from tests.training.report_rows import metrics
from training.recognition.cpu_clock import FILE, CpuClock
from training.recognition.fit import SilentListener


def compute(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_it_counts_computing_and_not_waiting(tmp_path: Path) -> None:
    clock = CpuClock(tmp_path, SilentListener())
    time.sleep(0.3)
    waited = clock.seconds
    compute(0.1)
    assert clock.stop() - waited >= 0.1
    assert waited < 0.25


def test_another_process_goes_on_counting_from_the_last_epoch(tmp_path: Path) -> None:
    clock = CpuClock(tmp_path, SilentListener())
    compute(0.1)
    clock.on_epoch(metrics(1))
    told = CpuClock(tmp_path, SilentListener()).seconds
    assert told >= 0.1


def test_what_is_done_costs_nothing_more(tmp_path: Path) -> None:
    clock = CpuClock(tmp_path / "new", SilentListener())
    compute(0.05)
    seconds = clock.stop()
    again = CpuClock(tmp_path / "new", SilentListener())
    compute(0.05)
    assert again.stop() == seconds


def test_a_damaged_note_begins_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert CpuClock(tmp_path, SilentListener()).seconds < 1
