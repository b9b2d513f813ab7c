"""What the site brings along when nothing is configured: a secret key and a private Redis in the data folder."""

import contextlib
import hashlib
import secrets
import tempfile
from pathlib import Path

# Unix socket addresses are limited to about 108 bytes by the kernel.
_LONGEST_SOCKET_PATH = 100


def stored_secret_key(data_dir: Path) -> str:
    """Return the data folder's secret key, made on first use and readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    fresh = path.with_name(f"secret_key.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(50))
    # link() fails where another process was quicker: both then use the same key.
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
    return path.read_text()


def redis_socket(data_dir: Path) -> Path:
    """Return the private Redis socket's path, in the data folder or, where that is too long, in the temporary one."""
    path = data_dir / "redis" / "redis.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"captcha-workbench-{digest}" / "redis.sock"


def embedded_redis_url(data_dir: Path) -> str:
    """Return the address of the private Redis of a data folder."""
    return f"unix://{redis_socket(data_dir)}"
