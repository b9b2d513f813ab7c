"""Bad input to a training, as it is answered by the service, the Train page, the API and the command."""

import io
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from labeling.errors import Refused
from labeling.imaging.decode import decode_image
from labeling.imaging.recipe import Recipe
from labeling.models import Image, ImageStatus, Project
from labeling.services.images import new_image, store_picture
from labeling.services.preparations import save_preparation
from tests.factories import add_images, draw, make_project, make_user, texts
from training.leftovers import run_folder
from training.models import Run
from training.recognition import architectures
from training.recognition.architectures.tiny_vgg import TinyVGG
from training.services.runs import create_run
from training.services.training_work import run_training
from webapp.accounts.tokens import create_token

GREY = {"step": "channel", "channel": "grey"}
CROP_ALL = {"step": "crop", "left": 500, "top": 500}

Answer = Callable[..., str]


def digits(count: int = 20, **changes: Any) -> Project:
    """A project that could be trained."""
    project = make_project(make_user("owner"), **changes)
    add_images(project, texts(count, length=project.min_length))
    return project


def prepared(project: Project, *steps: dict[str, Any], slicing: str = "equal") -> Project:
    recipe = Recipe.from_json({"steps": [GREY, *steps], "slicing": {"slicing": slicing}})
    save_preparation(project=project, user=project.created_by, recipe=recipe)
    return project


def one_class() -> Project:
    project = make_project(make_user("owner"), alphabet="12", min_length=2, max_length=2)
    add_images(project, ["11"] * 20)
    return project


def one_character() -> Project:
    project = make_project(make_user("owner"), alphabet="1", min_length=2, max_length=2)
    add_images(project, ["11"] * 20)
    return project


def identical_images() -> Project:
    """Other files of one picture: they differ in a comment."""
    project = make_project(make_user("owner"), alphabet="12")
    picture, rows = Pillow.fromarray(draw("121")), []
    for number in range(20):
        comment, buffer = PngInfo(), io.BytesIO()
        comment.add_text("number", str(number))
        picture.save(buffer, "PNG", pnginfo=comment)
        decoded = decode_image(buffer.getvalue())
        row = new_image(project=project, name=f"{number}.png", data=buffer.getvalue(), decoded=decoded)
        row.status, row.text = ImageStatus.LABELLED, f"{number:03b}"[-3:].replace("0", "2")
        store_picture(row, buffer.getvalue())
        rows.append(row)
    Image.objects.bulk_create(rows)
    return project


def relabelled(text: str) -> Project:
    project = digits()
    Image.objects.filter(pk=project.images.earliest("pk").pk).update(text=text, name="odd.png")
    return project


def lost_file() -> Project:
    project = digits()
    image = project.images.earliest("pk")
    Image.objects.filter(pk=image.pk).update(name="odd.png")
    image.file.delete(save=False)
    return project


def damaged_file() -> Project:
    project = digits()
    image = project.images.earliest("pk")
    Image.objects.filter(pk=image.pk).update(name="odd.png")
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(b"no picture")
    return project


def of_the_service(client: Client, project: Project, architecture: str, **hyperparameters: Any) -> str:
    try:
        run = create_run(
            project=project,
            user=project.created_by,
            architecture=architecture,
            hyperparameters=hyperparameters,
            here=True,
        )
    except Refused as refusal:
        return str(refusal)
    run_training(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    return run.error


def of_the_page(client: Client, project: Project, architecture: str, **hyperparameters: Any) -> str:
    client.force_login(project.created_by)
    typed = {f"{architecture}-{name}": value for name, value in hyperparameters.items()}
    answer = client.post(
        reverse("training:new_run", args=[project.pk]), {"architecture": architecture, **typed}
    )
    if answer.status_code == 422:
        return str(answer.content.decode())
    run = project.runs.latest("pk")
    run_training(run.pk)
    return str(client.get(run.get_absolute_url()).content.decode())


def of_the_api(client: Client, project: Project, architecture: str, **hyperparameters: Any) -> str:
    headers = {"authorization": f"Bearer {create_token(user=project.created_by, name='test')[1]}"}
    address = f"/api/v1/projects/{project.pk}/runs"
    wish = {"architecture": architecture, "hyperparameters": hyperparameters}
    answer = client.post(address, wish, content_type="application/json", headers=headers)
    if answer.status_code == 422:
        return str(answer.json()["detail"])
    assert answer.status_code == 202
    run_training(project.runs.latest("pk").pk)
    return str(client.get(f"{address}/{answer.json()['number']}", headers=headers).json()["error"])


def of_the_command(client: Client, project: Project, architecture: str, **hyperparameters: Any) -> str:
    told = StringIO()
    chosen = [f"--set={name}={value}" for name, value in hyperparameters.items()]
    with pytest.raises(CommandError) as failed:
        call_command(
            "train",
            project.name,
            "--local",
            f"--architecture={architecture}",
            *chosen,
            stdout=told,
            stderr=told,
        )
    return f"{told.getvalue()}{failed.value}"


WAYS: list[Answer] = [of_the_service, of_the_page, of_the_api, of_the_command]

UNTEACHABLE = [
    pytest.param(one_class, "slots", "All training texts consist of '1' alone", id="one class"),
    pytest.param(one_character, "slots", "The alphabet has only '1'", id="an alphabet of one character"),
    pytest.param(
        lambda: digits(20, alphabet="0123456789abcdefghijklmnopqrstuvwxyz"),
        "slots",
        "fewer than the 36 characters of the alphabet: label more images",
        id="fewer images than characters",
    ),
    pytest.param(identical_images, "slots", "look the same after preparation", id="identical images"),
    pytest.param(
        lambda: prepared(digits(), CROP_ALL),
        "tiny_vgg",
        "are blank after preparation",
        id="cropped away, slices",
    ),
    pytest.param(
        lambda: prepared(digits(), CROP_ALL), "slots", "are blank after preparation", id="cropped away, whole"
    ),
    pytest.param(
        lambda: relabelled("1234"),
        "slots",
        "The label of “odd.png” does not fit: '1234' has 4 characters",
        id="long",
    ),
    pytest.param(
        lambda: relabelled("12x"),
        "slots",
        "'12x' has 'x', which is not in the alphabet",
        id="a strange character",
    ),
    pytest.param(lost_file, "slots", "The file of “odd.png” is missing from the storage", id="a lost file"),
    pytest.param(damaged_file, "slots", "“odd.png” cannot be read any more", id="a damaged file"),
    *(
        pytest.param(
            lambda: digits(min_length=2, max_length=4),
            name,
            "needs a fixed length, but the texts have 2 to 4 characters: choose",
            id=f"{name} and a range of lengths",
        )
        for name in ("tiny_vgg", "random_forest", "position_ensemble")
    ),
    *(
        pytest.param(
            lambda slicing=slicing: prepared(digits(), slicing=slicing),
            "letter_cnn",
            "the preparation does not slice: choose a slicing on the Prepare page",
            id=f"letter_cnn and the slicing {slicing}",
        )
        for slicing in ("text", "none")
    ),
]


def assert_said_plainly(answer: str, sentence: str, log: pytest.LogCaptureFixture) -> None:
    assert sentence in answer or escape(sentence) in answer
    for leak in ("Traceback", "File &quot;", 'File "', "Error(", ".py", str(settings.DATA_DIR)):
        assert leak not in answer
    assert not [record for record in log.records if record.exc_info]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("make", "architecture", "sentence"), UNTEACHABLE)
def test_what_cannot_be_learnt_is_answered_with_a_sentence_everywhere(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[], Project],
    architecture: str,
    sentence: str,
) -> None:
    project = make()
    for answer in WAYS:
        assert_said_plainly(answer(client, project, architecture), sentence, caplog)


@pytest.mark.django_db
def test_an_unknown_architecture_is_answered_everywhere(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    project, known = digits(), "There is no architecture 'huge': choose one of slots"
    for answer, sentence in (
        (of_the_service, known),
        (of_the_api, known),
        (of_the_page, "huge is not one of the available choices"),
        (of_the_command, "invalid choice: 'huge'"),
    ):
        assert_said_plainly(answer(client, project, "huge"), sentence, caplog)


@pytest.mark.django_db
def test_an_unknown_hyper_parameter_is_answered_with_those_there_are(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    project, sentence = digits(), "slots has no hyper-parameter 'wings'; it has learning_rate, batch_size"
    for answer in (of_the_service, of_the_api, of_the_command):
        assert_said_plainly(answer(client, project, "slots", wings=2), sentence, caplog)


OUTSIDE = [
    ("learning_rate", "5", "Learning rate: 5 is outside 1e-06 to 1", "less than or equal to 1"),
    ("batch_size", "0", "Batch size: 0 is outside 1 to 1024", "greater than or equal to 1"),
    ("batch_size", "1.5", "Batch size: '1.5' is not a whole number", "Enter a whole number"),
    ("height", "nan", "Height: 'nan' is not a whole number", "Enter a whole number"),
    ("rotation", "nan", "Rotation: nan is outside 0 to 45", "Enter a number"),
    ("width_per_character", "7", "Width per character: 7 is outside 8 to 128", "greater than or equal to 8"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value", "sentence", "of_form"), OUTSIDE)
def test_a_hyper_parameter_out_of_range_is_answered_with_its_range_everywhere(
    client: Client, caplog: pytest.LogCaptureFixture, name: str, value: str, sentence: str, of_form: str
) -> None:
    project = digits()
    for answer in WAYS:
        expected = of_form if answer is of_the_page else sentence
        assert_said_plainly(answer(client, project, "slots", **{name: value}), expected, caplog)
    assert not Run.objects.exists()


class Overflowing(TinyVGG):
    """A network whose logits leave the range of float32."""

    name = "overflowing"

    def build(self, task: Any, hyperparameters: Any, seed: int) -> Any:
        import keras

        network = super().build(task, hyperparameters, seed)
        return keras.Model(network.inputs, keras.ops.exp(1e4 * keras.ops.abs(network.outputs[0])))


@pytest.mark.django_db(transaction=True)
def test_a_loss_that_is_not_a_number_is_told_on_the_page_of_the_run_with_advice(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(architectures.ARCHITECTURES, "overflowing", Overflowing())
    project = digits()
    sentence = "The loss became infinite or undefined in epoch 1: train again with a smaller learning rate"
    assert_said_plainly(of_the_service(client, project, "overflowing"), sentence, caplog)
    client.force_login(project.created_by)
    page = client.get(project.runs.get().get_absolute_url()).content.decode()
    assert_said_plainly(page, sentence, caplog)


@pytest.mark.django_db(transaction=True)
def test_an_error_that_nobody_foresaw_is_for_the_log_and_not_for_the_page(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    project = digits()
    run = create_run(project=project, user=project.created_by, here=True)
    # A file where the folder of checkpoints belongs.
    run_folder(run.pk).parent.mkdir(parents=True, exist_ok=True)
    run_folder(run.pk).write_text("in the way")
    run_training(run.pk)
    client.force_login(project.created_by)
    page = client.get(run.get_absolute_url()).content.decode()
    run_folder(run.pk).unlink()
    assert "Run 1 failed while training for a reason that nobody foresaw" in page
    assert str(settings.DATA_DIR) not in page
    assert "FileExistsError" in caplog.text


@pytest.mark.django_db
def test_a_budget_that_makes_no_sense_is_refused_by_the_command() -> None:
    project = digits()
    for words, sentence in (
        (("--epochs", "0"), "0 epochs do not work: a run takes 1 to 100000"),
        (("--max-minutes", "nan"), "nan minutes do not work: give more than zero"),
        (("--seed", "-1"), "The seed -1 does not work"),
        (("--epochs", "many"), "invalid int value: 'many'"),
        (("--set", "learning_rate"), "write NAME=VALUE"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("train", project.name, *words)
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_a_wish_that_makes_no_sense_is_refused_by_the_api_in_few_words(client: Client) -> None:
    project = digits()
    headers = {"authorization": f"Bearer {create_token(user=project.created_by, name='test')[1]}"}
    for wish, status, sentence in (
        ('{"max_minutes": Infinity}', 400, "Infinity is no number"),
        ('{"max_minutes": 1e999}', 400, "1e999 is too large a number"),
        ('{"max_epochs": 100000000000000000000}', 422, "epochs do not work"),
        ('{"seed": 100000000000000000000}', 422, "does not work: it goes from 0"),
        ('{"hyperparameters": {"batch_size": [1]}}', 422, "Batch size: [1] is not a whole number"),
        ('{"hyperparameters": {"learning_rate": NaN}}', 400, "NaN is no number"),
        (json.dumps({"hyperparameters": {"batch_size": "9" * 10_000}}), 422, "is not a whole number"),
    ):
        address = f"/api/v1/projects/{project.pk}/runs"
        answer = client.post(address, wish, content_type="application/json", headers=headers)
        assert answer.status_code == status
        assert sentence in answer.json()["detail"]
        assert len(answer.content) < 1000
