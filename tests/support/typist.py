"""Somebody who types what images say on the Label page of a real browser, and how long that page makes them wait."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# Notes each image that comes onto the page: since when it can be seen (a frame with it was drawn), and when the last
# key before it was pressed. Milliseconds by the page's clock, which the browser's own time of a key press goes by, too.
STOPWATCH = """
(() => {
  let lastKey = null;
  let current = null;
  let tell = () => {};
  const shown = [];
  addEventListener("keydown", (event) => { lastKey = event.timeStamp; }, true);
  new MutationObserver(() => {
    const picture = document.querySelector(".label-stage img");
    if (!picture || picture === current) return;
    current = picture;
    const typed = lastKey;
    // A task that follows a frame's callbacks runs when the frame is drawn.
    requestAnimationFrame(() => setTimeout(() => {
      shown.push({ path: new URL(picture.src).pathname, typed, seen: performance.now() });
      tell();
    }));
  }).observe(document, { subtree: true, childList: true });
  window.imageShown = async (number) => {
    while (shown.length <= number) await new Promise((resolve) => { tell = resolve; });
    return shown[number];
  };
})();
"""


@dataclass(frozen=True)
class Typed:
    """What somebody typed: the text of each image by its address, in order, and milliseconds of the page's overhead.

    The overhead of an image is the time from its last key until the next image can be seen. The rest of the time goes
    by while the page waits for the typist.
    """

    texts: dict[str, str]
    overheads: list[float]


def watch(page: Page) -> None:
    """Let a stopwatch run on each page that opens from now on."""
    page.add_init_script(STOPWATCH)


def type_images(
    page: Page, truths: Mapping[str, str], images: int, *, looking: float = 0, per_key: float = 0
) -> Typed:
    """Type so many images on a Label page that was opened under `watch`; more have to be there than that.

    Args:
        truths: the text of each image by its address.
        looking: seconds until the first key.
        per_key: seconds between two keys.
    """
    texts, overheads = {}, []
    for number in range(images):
        path = _shown(page, number)["path"]
        time.sleep(looking)
        texts[path] = truths[path]
        page.keyboard.type(texts[path], delay=1000 * per_key)
        following = _shown(page, number + 1)
        overheads.append(following["seen"] - following["typed"])
    return Typed(texts, overheads)


def _shown(page: Page, number: int) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("number => imageShown(number)", number)
    return found
