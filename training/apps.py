from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # Connects what clears a worker's disk to the deletion of rows, and suggestions to the end of imports.
        from labeling.services.export_formats import register
        from training import leftovers, new_images  # noqa: F401
        from training.services.dataset_archives import DatasetArchive
        from training.services.slice_archives import FoldersOfCharacters

        register(DatasetArchive(), FoldersOfCharacters())
