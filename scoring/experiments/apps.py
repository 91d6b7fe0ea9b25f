from importlib import import_module

from django.apps import AppConfig


class ExperimentResultsConfig(AppConfig):
    """What came of the calls of experiments; the experiments themselves are the scenarios'."""

    name = "scoring.experiments"
    label = "experiment_results"

    def ready(self) -> None:
        import_module("scoring.experiments.receivers")
