"""The commands on a project's page API: each works as it stands, once a token is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass

from labeling.access import SCOPE_OF, Act, Scope
from labeling.models import Project

PLACEHOLDER = "cwb_YOUR_TOKEN"


@dataclass(frozen=True)
class Command:
    """A command line, and what one must be allowed to do for it."""

    title: str
    note: str
    act: Act
    text: str

    @property
    def scope(self) -> Scope:
        return SCOPE_OF[self.act]


def curl_commands(project: Project, site: str, token: str) -> Iterator[Command]:
    """Yield the commands for a project.

    Args:
        site: the address of the site without a slash at its end, such as http://localhost:8000.
        token: an API token, or what stands in its place.
    """
    start = f"{site}/api/v1/projects/{project.pk}"
    example = project.alphabet[:1] * project.min_length

    def curl(path: str, *options: str) -> str:
        return " \\\n     ".join([f'curl -H "Authorization: Bearer {token}"', *options, f'"{start}{path}"'])

    yield Command(
        "Read an image",
        "With the production model. A second -F files=@… reads two, up to 256 in one call.",
        Act.READ,
        curl("/read", "-F files=@image.png"),
    )
    yield Command(
        "Read thousands of images",
        "Workers read a zip, a tar or many files. The answer has the batch's number.",
        Act.READ,
        curl("/batches", "-F files=@images.zip"),
    )
    yield Command(
        "Fetch what was read",
        "Of batch 1, as a table; /batches/1 tells how far it is.",
        Act.READ,
        curl("/batches/1/download/csv", "-o readings.csv"),
    )
    yield Command(
        "Correct a reading",
        "The picture becomes an image of the project, with your text; the next run learns from it.",
        Act.READ,
        curl("/corrections", f'--json "{_correction(example)}"'),
    )
    yield Command(
        "Import images",
        "Images, a zip or a tar; labels from filename, folder, csv or none. The answer has the import's number.",
        Act.IMPORT,
        curl("/imports", "-F labels=filename", "-F files=@images.zip"),
    )
    yield Command("See how far the imports are", "The newest first.", Act.VIEW, curl("/imports?limit=5"))
    yield Command(
        "Start a run",
        "With an Idempotency-Key of your own, it is started once, however often the command is sent.",
        Act.TRAIN,
        curl("/runs", '-H "Idempotency-Key: $(date +%F)"', "--json '{\"max_minutes\": 5}'"),
    )
    yield Command(
        "Watch a run",
        "Run 1, live until it ends; /runs/1 alone tells where it is now.",
        Act.VIEW,
        curl("/runs/1/events", "--no-buffer"),
    )
    yield Command("List the models", "The one whose state is production reads.", Act.VIEW, curl("/models"))


def _correction(text: str) -> str:
    """Write the JSON of a correction between a shell's double quotes, with the picture's bytes in Base64."""
    picture = "$(base64 < image.png | tr -d '\\n')"
    return f'{{\\"text\\": \\"{_shell(text)}\\", \\"image\\": \\"{picture}\\"}}'


def _shell(text: str) -> str:
    """Write a text so that it stands for itself between a shell's double quotes, inside of JSON."""
    inside_json = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(f"\\{one}" if one in '\\"`$' else one for one in inside_json)
