"""Which parts of the site are there, and what to do about the missing ones."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from webapp.machine_load import MachineLoad
from webapp.workers import Worker, living_workers, redis_is_reachable

# Queue -> what its workers are called, and what stands still without them.
QUEUES = {
    "prepare": ("Prepare", "No worker imports or slices images right now."),
    "train": ("Train", "No worker takes training runs right now."),
    "predict": ("Read", "No worker reads images right now."),
}


@dataclass(frozen=True)
class Part:
    """The workers of one queue."""

    title: str
    count: int

    @property
    def is_there(self) -> bool:
        return self.count > 0


@dataclass(frozen=True)
class Problem:
    """What is missing, and what to do."""

    title: str
    advice: str


@dataclass(frozen=True)
class Machine:
    """A machine with its living workers, and how busy it is; `work` says what they do."""

    host: str
    work: list[str]
    load: MachineLoad | None


@dataclass(frozen=True)
class SiteStatus:
    """How many workers there are per queue, what is wrong, and the machines that they are on."""

    parts: list[Part]
    problems: list[Problem]
    machines: list[Machine] = field(default_factory=list)


def site_status() -> SiteStatus:
    """Look for Redis and for a living worker of every queue."""
    if not redis_is_reachable():
        problem = Problem(
            "Redis cannot be reached, so no worker hears of new jobs.",
            "Restart the site with “make up”, or check REDIS_URL. "
            "What is queued is kept and starts by itself afterwards.",
        )
        return SiteStatus([Part(title, 0) for title, _ in QUEUES.values()], [problem])
    workers = living_workers()
    counts = Counter(queue for worker in workers for queue in worker.queues)
    parts = [Part(title, counts[queue]) for queue, (title, _) in QUEUES.items()]
    problems = [
        Problem(
            sentence,
            f"Restart the site with “make up”, or start a worker for the queue “{queue}”. "
            "What is queued is kept and starts by itself.",
        )
        for queue, (_, sentence) in QUEUES.items()
        if not counts[queue]
    ]
    return SiteStatus(parts, problems, _machines(workers))


def _machines(workers: list[Worker]) -> list[Machine]:
    by_host: dict[str, list[Worker]] = defaultdict(list)
    for worker in workers:
        by_host[worker.host].append(worker)
    return [
        Machine(
            host=host,
            work=[
                title for queue, (title, _) in QUEUES.items() if any(queue in each.queues for each in here)
            ],
            load=next((each.load for each in here if each.load is not None), None),
        )
        for host, here in by_host.items()
    ]
