"""How many images per second an import of 3,000 real images from one zip turns into usable rows on a worker."""

import io
import time
import zipfile

from benchmarks.common import image_set, running_site, save
from tests.support.site import wait_until

IMAGES = 3000


def main() -> None:
    folder = image_set("digits4")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(folder / "labels.csv", "labels.csv")
        for path in sorted((folder / "images").iterdir())[:IMAGES]:
            archive.write(path, path.name)
    rates = []
    with running_site() as site:
        api = site.api()
        for number in range(3):
            wish = {"name": f"digits {number}", "alphabet": "0123456789", "length": "4"}
            project = api.post("projects", json=wish)["id"]
            started = time.perf_counter()
            batch = api.post(
                f"projects/{project}/imports",
                data={"labels": "csv"},
                files={"files": ("images.zip", buffer.getvalue())},
            )["id"]
            address = f"projects/{project}/imports/{batch}"
            wait_until(lambda: api.get(address)["state"] == "done", seconds=120, what="the end of the import")  # noqa: B023
            seconds = time.perf_counter() - started
            assert api.get(address)["added"] == IMAGES
            rates.append(round(IMAGES / seconds, 1))
    rates.sort()
    save(
        "import_zip",
        {"images": IMAGES, "images_per_second": rates[1], "least": rates[0], "most": rates[-1], "n": 3},
    )


if __name__ == "__main__":
    main()
