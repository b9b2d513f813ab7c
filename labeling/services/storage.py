"""Folders in Django's storage API, which knows files only, and on a disk."""

import contextlib
from pathlib import Path

from django.core.files.storage import Storage


def delete_folder(storage: Storage, folder: str) -> None:
    """Delete a folder with everything below it, on a disk or in a bucket. A missing folder is fine."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder}/{name}")
    for name in folders:
        delete_folder(storage, f"{folder}/{name}")
    # Disks keep the empty folder and want it deleted too; buckets have none.
    with contextlib.suppress(OSError):
        storage.delete(folder)


def folder_size(storage: Storage, folder: str) -> int:
    """Return how many bytes the files in a folder and below it have together; 0 for a missing one."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    size = sum(int(storage.size(f"{folder}/{name}")) for name in files)
    return size + sum(folder_size(storage, f"{folder}/{name}") for name in folders)


def disk_size(folder: Path) -> int:
    """Return how many bytes the files in a folder of this machine and below it have together; 0 for a missing one."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
