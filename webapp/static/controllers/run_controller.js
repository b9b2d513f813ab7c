// The live page of a run: progress, estimate and figures as they come, and curves in the charts that the page holds.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { count, duration, fileSize, percent } from "../words.js";
import { History } from "../runs/history.js";
import { RunStream } from "../runs/run_stream.js";
import { WorkerUse } from "../runs/worker_use.js";

const WAITS_FOR_WORKER_AFTER = 20_000;
const ROWS_SHOWN = 100;

export default class extends Controller {
  static targets = [
    "live", "stage", "batch", "speed", "estimate", "bar", "hint", "lost", "figures", "accuracy", "accuracyNote",
    "characters", "charactersNote", "loss", "lossNote", "rate", "tableSection", "rows", "earlier", "worker", "workerText", "workerCharts",
  ];
  static outlets = ["chart"];
  static values = { historyUrl: String, eventsUrl: String, state: String, readings: String, rounds: String, active: Boolean, waiting: Boolean };

  initialize() {
    this.history = new History();
    this.use = new WorkerUse();
  }

  connect() {
    this.hintTarget.hidden = !this.waitingValue;
    this.stream = new RunStream(this.historyUrlValue, this.eventsUrlValue, {
      history: (epochs, use) => {
        this.history.load(epochs);
        if (use) this.use.load(use.columns);
        this.drawSoon();
      },
      epoch: (epoch) => {
        this.history.add(epoch);
        this.drawSoon();
      },
      use: (sample) => this.takeUse(sample),
      readings: (version) => this.takeReadings(version),
      rounds: (version) => this.takeRounds(version),
      without_labels: () => this.tell("run:without-labels"),
      state: (state) => this.takeState(state),
      lost: (isLost) => (this.lostTarget.hidden = !isLost || !this.activeValue),
      done: () => this.end(),
    });
  }

  disconnect() {
    this.stream.close();
    cancelAnimationFrame(this.frame);
    this.frame = null;
    clearTimeout(this.waiting);
  }

  // The page connects its panels in any order.
  chartOutletConnected() {
    this.drawSoon();
  }

  // However many epochs come at once, they are drawn once.
  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  takeUse(sample) {
    this.use.add(sample);
    this.workerTarget.hidden = false;
    this.workerTextTarget.textContent = [
      `processor ${percent(sample.own, 0)} (machine ${percent(sample.machine, 0)})`,
      `memory ${fileSize(sample.memory)}`,
      ...(sample.gpu === undefined || sample.gpu === null ? [] : [`GPU ${percent(sample.gpu, 0)}, ${fileSize(sample.gpu_memory)}`]),
    ].join(" · ");
    this.drawSoon();
  }

  // The part of the page with readings asks for itself anew whenever they are other ones.
  takeReadings(version) {
    if (version === this.readingsValue) return;
    this.readingsValue = version;
    this.tell("run:read");
  }

  // So does the part with the rounds of learning from unlabelled images.
  takeRounds(version) {
    if (version === this.roundsValue) return;
    this.roundsValue = version;
    this.tell("run:rounded");
  }

  takeState(state) {
    clearTimeout(this.waiting);
    this.tellChange(state.state);
    this.hintTarget.hidden = state.state !== "queued" || !this.waitingValue;
    if (state.state === "queued") {
      this.waiting = setTimeout(() => (this.hintTarget.hidden = false), WAITS_FOR_WORKER_AFTER);
    }
    this.stageTarget.textContent = stageOf(state);
    this.batchTarget.textContent =
      state.stage.startsWith("training") && state.batches ? `batch ${state.batch} of ${state.batches}` : "";
    this.speedTarget.textContent = state.images_per_second ? `${count(Math.round(state.images_per_second))} images/s` : "";
    this.estimateTarget.textContent =
      state.state === "running" && state.seconds_left !== null ? `about ${duration(state.seconds_left)} left` : "";
    if (state.state === "running" && state.percent > 0) this.barTarget.value = state.percent;
    else this.barTarget.removeAttribute("value");
  }

  end() {
    clearTimeout(this.waiting);
    this.liveTarget.hidden = true;
    this.activeValue = false;
  }

  // What the server draws of a run (badge, buttons, worker, model) is drawn anew whenever its state is another one.
  tellChange(state) {
    if (state === this.stateValue) return;
    this.stateValue = state;
    this.tell("run:changed");
  }

  tell(name) {
    document.dispatchEvent(new CustomEvent(name));
  }

  draw() {
    const epochs = this.history.columns;
    const use = this.use.columns;
    for (const chart of this.chartOutlets) {
      if (chart.element.parentElement.dataset.runColumns === "use") chart.show(use.seconds, use);
      else chart.show(epochs.number, epochs);
    }
    this.workerChartsTarget.hidden = use.seconds.length < 2;
    if (this.history.length) this.drawFigures();
  }

  drawFigures() {
    const { last, best, length } = this.history;
    // The best epoch is the one that becomes the model.
    this.accuracyTarget.textContent = percent(best.accuracy);
    this.accuracyNoteTarget.textContent =
      best.number === last.number
        ? `after epoch ${best.number}`
        : `best, after epoch ${best.number}; ${percent(last.validation_whole_string_accuracy)} after epoch ${last.number}`;
    this.charactersTarget.textContent = percent(last.validation_character_accuracy);
    this.charactersNoteTarget.textContent = `${percent(last.character_accuracy)} on training images`;
    this.lossTarget.textContent = last.validation_loss.toPrecision(3);
    this.lossNoteTarget.textContent = `${last.loss.toPrecision(3)} on training images`;
    this.rateTarget.textContent = last.learning_rate.toExponential(1);
    this.figuresTarget.hidden = false;
    this.tableSectionTarget.hidden = false;
    this.earlierTarget.hidden = length <= ROWS_SHOWN;
    this.rowsTarget.replaceChildren(...this.history.newest(ROWS_SHOWN).map(rowOf));
  }
}

function stageOf({ state, stage, epoch, epochs_planned: planned }) {
  if (state === "queued") return "Waiting for its turn";
  if (stage === "training" && epoch) return planned ? `Epoch ${epoch} of ${planned}` : `Epoch ${epoch}`;
  const text = stage || "starting";
  return text[0].toUpperCase() + text.slice(1);
}

function rowOf(epoch) {
  const row = document.createElement("tr");
  const cells = [
    epoch.number,
    epoch.loss.toPrecision(3),
    epoch.validation_loss.toPrecision(3),
    percent(epoch.whole_string_accuracy),
    percent(epoch.validation_whole_string_accuracy),
    percent(epoch.character_accuracy),
    percent(epoch.validation_character_accuracy),
    epoch.learning_rate.toExponential(1),
    epoch.seconds.toFixed(1),
  ];
  for (const text of cells) {
    const cell = document.createElement("td");
    cell.className = "number";
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}
