// Switches between light and dark and remembers the choice.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  static targets = ["light", "dark"];

  connect() {
    this.draw();
  }

  toggle() {
    const theme = this.isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    this.draw();
  }

  draw() {
    this.lightTarget.hidden = !this.isDark;
    this.darkTarget.hidden = this.isDark;
  }

  get isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
}
