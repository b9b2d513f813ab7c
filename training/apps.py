from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # Connects what clears a worker's disk to the deletion of rows.
        from training import leftovers  # noqa: F401
