// Cuts a pile of files into requests that are small enough to retry.

export const MAX_FILES = 200;
export const MAX_BYTES = 8 * 2 ** 20;

// Takes [{ name, file }] and returns lists of them in the same order. A file larger than a request goes alone.
export function makeBatches(items, { maxFiles = MAX_FILES, maxBytes = MAX_BYTES } = {}) {
  const batches = [];
  let batch = [];
  let bytes = 0;
  for (const item of items) {
    if (batch.length && (batch.length >= maxFiles || bytes + item.file.size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += item.file.size;
  }
  if (batch.length) batches.push(batch);
  return batches;
}
