// Moving among cells that wrap into rows, as an arrow key means it.

// Returns the index of the cell that a key leads to from another one, or -1 where there is none. `boxes` are the cells'
// places on the screen, in reading order.
export function neighbour(boxes, from, key) {
  if (key === "Home") return 0;
  if (key === "End") return boxes.length - 1;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const to = from + (key === "ArrowLeft" ? -1 : 1);
    return to < boxes.length ? to : -1;
  }
  const isUp = key === "ArrowUp";
  const beyond = boxes.map(({ top }, index) => ({ top, index })).filter(({ top }) => (isUp ? top < boxes[from].top : top > boxes[from].top));
  if (!beyond.length) return -1;
  const row = isUp ? Math.max(...beyond.map(({ top }) => top)) : Math.min(...beyond.map(({ top }) => top));
  const distance = ({ index }) => Math.abs(boxes[index].left - boxes[from].left);
  return beyond.filter(({ top }) => top === row).reduce((best, one) => (distance(one) < distance(best) ? one : best)).index;
}
