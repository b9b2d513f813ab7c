"""Hyper-parameters on the command line."""

from typing import Any

from django.core.management.base import CommandError, CommandParser


def add_hyperparameters_argument(parser: CommandParser) -> None:
    """Add `--set NAME=VALUE`."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a hyper-parameter that differs from its default; may be repeated",
    )


def chosen_hyperparameters(options: dict[str, Any]) -> dict[str, str]:
    """Return what `--set` set."""
    return dict(_pair(text) for text in options["set"])


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set {text} does not work: write NAME=VALUE.")
    return name, value
