import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from webapp.embedded import redis_socket, stored_secret_key


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    key = stored_secret_key(tmp_path)
    assert len(key) > 50
    assert stored_secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: stored_secret_key(tmp_path), range(32)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_long_data_folder_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    assert len(str(redis_socket(deep))) < 100
    assert redis_socket(deep) == redis_socket(deep)
    assert redis_socket(Path("/srv/a")) == Path("/srv/a/redis/redis.sock")
