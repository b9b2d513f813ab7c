from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # Connects what clears a worker's disk to the deletion of rows, and suggestions to the end of imports.
        from training import leftovers, new_images  # noqa: F401
