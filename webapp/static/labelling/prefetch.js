// The images that wait to be labelled: leased by the batch, their pictures decoded before they are needed.

const REFILL_BELOW = 10;
// The server leases images for ten minutes; what was held longer may be in other hands by now.
const LEASE = 9 * 60_000;
// So many images that were handed out last are not taken again: their saves may still be on their way.
const REMEMBERED = 60;

export class Prefetch {
  // fetchBatch(excludedIds): a promise of { images: [{ id, url, ... }], ...counts }.
  // decode(url): a promise of something to show.
  // held(): ids of images that are in use elsewhere on the page.
  constructor({ fetchBatch, decode, held = () => [], onBatch = () => {}, now = Date.now }) {
    Object.assign(this, { fetchBatch, decode, held, onBatch, now });
    this.items = [];
    this.handedOut = [];
    this.fetching = null;
    this.isEmpty = false;
  }

  // Puts an image to the front: it is the next one.
  putBack(image) {
    this.forget(image.id);
    this.items = [this.prepared(image), ...this.items.filter((item) => item.id !== image.id)];
  }

  // The image may come again.
  forget(id) {
    this.handedOut = this.handedOut.filter((one) => one !== id);
  }

  get known() {
    return [...new Set([...this.items.map((item) => item.id), ...this.handedOut, ...this.held()])];
  }

  // Returns a promise of the next image, its picture decoded; null where the server has none left.
  async next() {
    for (;;) {
      this.items = this.items.filter((one) => !(one.leasedAt < this.now() - LEASE));
      const item = this.items.shift();
      if (item) this.handedOut = [...this.handedOut, item.id].slice(-REMEMBERED);
      if (this.items.length < REFILL_BELOW && !this.isEmpty) {
        const refilled = this.refill();
        if (!item) await refilled;
        // The next image is here already: a failed refill shows when the last one is used up.
        else refilled.catch(() => {});
      }
      if (item) return { ...item, picture: await item.picture };
      if (!this.items.length) return null;
    }
  }

  refill() {
    this.fetching ??= this.fetchMore().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  async fetchMore() {
    const asked = this.known;
    const leasedAt = this.now();
    const batch = await this.fetchBatch(asked);
    const { known } = this;
    const fresh = batch.images.filter((image) => !known.includes(image.id));
    // The request renewed the leases of those that the page holds.
    for (const item of this.items) if (asked.includes(item.id)) item.leasedAt = leasedAt;
    this.items.push(...fresh.map((image) => ({ ...this.prepared(image), leasedAt })));
    this.isEmpty = fresh.length === 0;
    this.onBatch(batch);
  }

  prepared(image) {
    return image.picture ? image : { ...image, picture: this.decode(image.url) };
  }
}

// Loads and decodes a picture into an element that can be shown without a flash. A picture that cannot be drawn is
// shown as the browser shows it: the person can still skip it.
export async function decodePicture(url) {
  const picture = new Image();
  picture.src = url;
  picture.alt = "The image to type";
  picture.draggable = false;
  await picture.decode().catch(() => {});
  return picture;
}
