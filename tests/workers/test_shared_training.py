"""One run on two real training workers."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.support.site import ROOT, Site, wait_until
from tests.workers.test_jobs import archive, ended_run, import_archive, new_project
from webapp.embedded import redis_socket
from webapp.supervisor.programs import train_worker


@contextmanager
def second_training_worker(site: Site) -> Iterator[None]:
    """What the operations guide starts on another machine, here on this one."""
    program = train_worker()
    command = [word.replace("train@", "second@") for word in program.command]
    process = subprocess.Popen(command, cwd=ROOT, env=site.environment | program.environment)
    messages = redis.Redis(unix_socket_path=str(redis_socket(site.data_dir)))
    try:
        wait_until(
            lambda: list(messages.scan_iter("worker:second@*", count=1000)),
            seconds=300,
            what="the start of a second worker",
        )
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_two_training_workers_share_the_positions_of_one_run(site: Site) -> None:
    api = site.api()
    project = new_project(api, "shared positions")
    import_archive(api, project, archive(40))
    with second_training_worker(site):
        wish = {"architecture": "position_ensemble", "max_epochs": 2}
        number = api.post(f"projects/{project}/runs", json=wish)["number"]
        assert ended_run(api, project, number, seconds=300)["state"] == "done"
    parts = f"RunPart.objects.filter(run__project={project})"
    workers = site.query(
        f"' '.join({parts}.filter(state='done', attempts=1).values_list('worker', flat=True))"
    )
    first, second = workers.split()
    assert first != second
    epochs = f"list(Epoch.objects.filter(run__project={project}).values_list('number', flat=True))"
    assert site.query(epochs) == "[1, 2, 3, 4]"
    assert site.query(f"Model.objects.filter(run__project={project}).count()") == "1"
