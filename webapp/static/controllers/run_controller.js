// The live page of a run: listens to its server-sent events and draws curves, progress and estimate. The browser
// reconnects by itself and asks for the epochs after the last one that it has.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { count, duration, percent } from "../words.js";
import { Chart } from "../runs/chart.js";
import { History } from "../runs/history.js";

const WAITS_FOR_WORKER_AFTER = 20_000;

export default class extends Controller {
  static targets = [
    "live", "stage", "batch", "speed", "estimate", "bar", "hint", "lost",
    "accuracy", "accuracyNote", "accuracyChart", "loss", "lossChart", "tableSection", "rows",
  ];
  static values = { eventsUrl: String, state: String, active: Boolean, waiting: Boolean };

  connect() {
    this.history = new History();
    this.accuracyChart = new Chart(this.accuracyChartTarget, {
      format: (value) => `${Math.round(100 * value)} %`,
      range: () => [0, 1],
    });
    this.lossChart = new Chart(this.lossChartTarget, {
      format: (value) => Number(value.toPrecision(2)).toString(),
      range: (_, max) => [0, max > 0 ? 1.05 * max : 1],
    });
    this.hintTarget.hidden = !this.waitingValue;
    this.source = new EventSource(this.eventsUrlValue);
    this.source.addEventListener("open", () => (this.lostTarget.hidden = true));
    this.source.addEventListener("error", () => (this.lostTarget.hidden = !this.activeValue));
    this.source.addEventListener("epoch", ({ data }) => this.takeEpoch(JSON.parse(data)));
    this.source.addEventListener("state", ({ data }) => this.takeState(JSON.parse(data)));
    this.source.addEventListener("done", ({ data }) => this.end(JSON.parse(data)));
  }

  disconnect() {
    this.source.close();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.waiting);
    this.accuracyChart.destroy();
    this.lossChart.destroy();
  }

  takeEpoch(epoch) {
    this.history.add(epoch);
    // The whole history may arrive at once: it is drawn once.
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.drawHistory();
    });
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
    this.source.close();
    clearTimeout(this.waiting);
    this.liveTarget.hidden = true;
    this.activeValue = false;
  }

  // What the server draws of a run (badge, buttons, worker, model) is drawn anew whenever its state is another one.
  tellChange(state) {
    if (state === this.stateValue) return;
    this.stateValue = state;
    document.dispatchEvent(new CustomEvent("run:changed"));
  }

  drawHistory() {
    this.accuracyChart.show(this.history.columns("whole_string_accuracy", "validation_whole_string_accuracy"));
    this.lossChart.show(this.history.columns("loss", "validation_loss"));
    const { last, best } = this.history;
    // The best epoch is the one that becomes the model.
    this.accuracyTarget.textContent = percent(best.validation_whole_string_accuracy);
    this.accuracyNoteTarget.textContent =
      best.number === last.number
        ? `of validation images, after epoch ${best.number}`
        : `best, after epoch ${best.number}; ${percent(last.validation_whole_string_accuracy)} after epoch ${last.number}`;
    this.lossTarget.textContent = last.validation_loss.toPrecision(3);
    this.tableSectionTarget.hidden = false;
    this.rowsTarget.replaceChildren(...this.history.list.reverse().map(rowOf));
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
