"""A storage that is no folder of this machine, as a bucket is, kept in memory."""

from django.core.files.storage import InMemoryStorage


class Bucket(InMemoryStorage):
    """What is saved under a name that is taken replaces what was there, as in the real storages of the site."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        if self.exists(name):
            self.delete(name)
        return name
