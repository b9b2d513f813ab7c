from django.apps import AppConfig


class LabelingConfig(AppConfig):
    name = "labeling"

    def ready(self) -> None:
        from labeling.services.export_formats import register
        from labeling.services.export_kinds import PLAIN_FORMATS

        register(*PLAIN_FORMATS)
