"""How long one image takes over HTTP with a warm worker, alone and while an import keeps the workers busy."""

import io
import zipfile

from benchmarks.common import image_set, milliseconds, running_site, save
from tests.support.site import Api, wait_until

READINGS = 300


def main() -> None:
    files = sorted(image_set("wilhelmy").glob("*.png"))
    with running_site() as site:
        site.manage("create_project", "wilhelmy", "--alphabet", "2345678bcdefgmnpwxy", "--length", "5")
        site.manage("import_images", "wilhelmy", str(image_set("wilhelmy")), "--labels", "filename")
        # How right the model is does not matter here, only what reading costs.
        site.manage("train", "wilhelmy", "--local", "--epochs", "2")
        api = site.api()
        data = files[0].read_bytes()

        def read() -> None:
            answer = api.post("projects/1/read", files={"files": ("a.png", data)})
            assert not answer["readings"][0]["error"]

        alone = milliseconds(read, READINGS, warm_up=20)
        _keep_importing(api)
        busy = milliseconds(read, READINGS)
    save("read_http", {"one_image_ms": alone, "one_image_ms_during_imports": busy})


def _keep_importing(api: Api) -> None:
    """Start imports that outlast the measurement, on every process of the worker."""
    folder = image_set("digits4")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted((folder / "images").iterdir()):
            archive.write(path, path.name)
    for number in range(6):
        wish = {"name": f"busy {number}", "alphabet": "0123456789", "length": "4"}
        project = api.post("projects", json=wish)["id"]
        api.post(f"projects/{project}/imports", files={"files": ("all.zip", buffer.getvalue())})
    wait_until(lambda: api.get("projects/2/imports/2")["position"] > 0, seconds=30, what="the imports' start")


if __name__ == "__main__":
    main()
