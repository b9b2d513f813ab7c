// The epochs of a run as columns, the way a chart wants them.

export class History {
  constructor() {
    this.load({ number: [] });
  }

  // columns: { number: [1, 2, ...], loss: [...], ... }, ascending by number.
  load(columns) {
    this.columns = columns;
    this.best = null;
    for (let index = 0; index < this.length; index++) this.judge(index);
  }

  // Takes an epoch that comes after all others; of one that is known already, the newer version counts.
  add(epoch) {
    const { number } = this.columns;
    let index = number.length;
    while (index > 0 && number[index - 1] >= epoch.number) index--;
    const isKnown = number[index] === epoch.number;
    const { length } = number;
    for (const [name, value] of Object.entries(epoch)) {
      (this.columns[name] ??= Array(length).fill(null)).splice(index, isKnown ? 1 : 0, value);
    }
    if (isKnown) this.load(this.columns);
    else this.judge(index);
  }

  get length() {
    return this.columns.number.length;
  }

  at(index) {
    return Object.fromEntries(Object.entries(this.columns).map(([name, values]) => [name, values[index]]));
  }

  get last() {
    return this.length ? this.at(this.length - 1) : null;
  }

  // The newest ones, newest first.
  newest(count) {
    return Array.from({ length: Math.min(count, this.length) }, (_, index) => this.at(this.length - 1 - index));
  }

  // Keeps `best`: the epoch that read the most validation strings right; of equal ones the earliest.
  judge(index) {
    const accuracy = this.columns.validation_whole_string_accuracy?.[index] ?? 0;
    const number = this.columns.number[index];
    if (!this.best || accuracy > this.best.accuracy || (accuracy === this.best.accuracy && number < this.best.number)) {
      this.best = { accuracy, number };
    }
  }
}
