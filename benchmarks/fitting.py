"""Fits a style to a folder of unlabelled pictures and shows real beside drawn ones.

    python -m benchmarks.fitting FOLDER --alphabet abc123 --length 4 [--fonts FOLDER] [--out FOLDER]

FOLDER may also be a JSON file of base64 images. Writes `fitted.json` (style, fonts, findings, closeness),
`beside.png` (real left, drawn right) and `where.png` (where they differ, the brighter the more).
"""

import argparse
import base64
import json
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import UnreadableImage, decode_image
from training.recognition.synthesis.fitting import FittedStyle, NothingToFit, SilentFittingListener, fit_style
from training.recognition.synthesis.fitting.drawing import draw_texts, random_texts
from training.recognition.synthesis.fitting.gathering import Colours, on_white
from training.recognition.synthesis.fonts import find_fonts, fonts_of

WIDTH, ROWS, GAP = 640, 12, 10


class Printing(SilentFittingListener):
    def __init__(self) -> None:
        self._began = time.monotonic()

    def on_stage(self, sentence: str, share: float) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {sentence}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="a folder of pictures, or a JSON file of base64 images")
    parser.add_argument("--alphabet", required=True)
    parser.add_argument("--length", type=int, required=True, help="the number of characters, or the smallest")
    parser.add_argument("--max-length", type=int, help="the largest number of characters, where it varies")
    parser.add_argument("--images", type=int, default=1_000, help="pictures to look at")
    parser.add_argument("--fonts", type=Path, help="a folder of fonts beside those at hand")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path())
    arguments = parser.parse_args()
    longest = arguments.max_length or arguments.length
    pictures = read_pictures(arguments.folder, arguments.images)
    fonts = find_fonts(arguments.fonts)
    try:
        fitted = fit_style(
            pictures,
            arguments.alphabet,
            arguments.length,
            longest,
            fonts,
            arguments.seed,
            Printing(),
            arguments.seconds,
        )
    except NothingToFit as error:
        raise SystemExit(str(error)) from None
    tell(fitted)
    texts = random_texts(arguments.alphabet, range(arguments.length, longest + 1), 60, arguments.seed + 2)
    faces = [font.typeface for font in fonts_of(fitted.style.fonts, fonts)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "fitted.json").write_text(json.dumps(fitted.to_json()))
    drawn = draw_texts(texts, fitted.style, faces, arguments.seed + 2)
    save(arguments.out / "beside.png", beside([on_white(each) for each in pictures[:60]], drawn))
    where = np.rint(2 * (fitted.closeness.where - 0.5) * 255).astype(np.uint8)
    save(arguments.out / "where.png", np.repeat(where[..., None], 3, axis=2))


def read_pictures(path: Path, most: int) -> list[Pixels]:
    """Up to so many pictures, evenly from a folder in the order of their names, or the first of a JSON file."""
    if path.is_file():
        images = json.loads(path.read_text())["images"][:most]
        return [decode_image(base64.b64decode(each["jpg_base64"])).pixels for each in images]
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in (".png", ".jpg", ".jpeg"))
    found = []
    for index in np.linspace(0, len(files) - 1, min(most, len(files))).astype(int):
        try:
            found.append(decode_image(files[index].read_bytes()).pixels)
        except UnreadableImage as error:
            print(f"{files[index].name}: {error}")
    return found


def tell(fitted: FittedStyle) -> None:
    for finding in fitted.findings:
        print(f"- {finding.sentence}")
    for font in fitted.fonts[:8]:
        print(f"  {font.score:.4f} {100 * font.weight:3.0f} % {font.name}")
    close = fitted.closeness
    print(
        f"A classifier tells {100 * close.accuracy:.1f} % ({100 * close.low:.1f} to {100 * close.high:.1f}) of "
        f"{close.n} real and drawn pictures rightly; 50 % would be indistinguishable."
    )
    for giveaway in close.giveaways:
        print(f"- {giveaway.sentence}")
    print(f"{fitted.seconds:.0f} s")


def beside(real: list[Colours], drawn: list[Colours]) -> Colours:
    """Real pictures left, drawn ones right."""
    gap = np.full((ROWS * real[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([sheet(real), gap, sheet(drawn)])


def sheet(pictures: list[Colours]) -> Colours:
    """ROWS rows of pictures of one height on grey."""
    height = pictures[0].shape[0]
    paper = np.full((ROWS * height, WIDTH, 3), 110, np.uint8)
    row = left = 0
    for picture in pictures:
        width = min(round(picture.shape[1] * height / picture.shape[0]), WIDTH)
        if left + width > WIDTH:
            row, left = row + 1, 0
        if row == ROWS:
            break
        paper[row * height : (row + 1) * height, left : left + width] = cv2.resize(picture, (width, height))
        left += width + 2
    return paper


def save(path: Path, picture: NDArray[np.uint8]) -> None:
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    print(path)


if __name__ == "__main__":
    main()
