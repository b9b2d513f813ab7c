// The epochs of a run as columns, the way a chart wants them.

export class History {
  constructor() {
    this.epochs = new Map();
  }

  // Takes an epoch. One that is known already is replaced: a resumed run repeats epochs from its checkpoint on.
  add(epoch) {
    for (const number of this.epochs.keys()) if (number > epoch.number) this.epochs.delete(number);
    this.epochs.set(epoch.number, epoch);
  }

  get list() {
    return [...this.epochs.values()].sort((a, b) => a.number - b.number);
  }

  get last() {
    return this.list.at(-1) ?? null;
  }

  // The epoch that read the most validation strings right; of equal ones the earliest.
  get best() {
    return this.list.reduce(
      (best, epoch) =>
        best && best.validation_whole_string_accuracy >= epoch.validation_whole_string_accuracy ? best : epoch,
      null,
    );
  }

  // [numbers, values of the first name, of the second, ...]
  columns(...names) {
    const { list } = this;
    return [list.map((epoch) => epoch.number), ...names.map((name) => list.map((epoch) => epoch[name]))];
  }
}
