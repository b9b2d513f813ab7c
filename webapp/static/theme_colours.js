// The page's colours for a canvas or a file, which know neither custom properties nor light-dark().

// Returns a custom property as a plain colour (#rrggbb), as it is at an element right now.
export function resolvedColour(element, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return plainColour(color);
}

// Calls back whenever the theme changes, by the toggle or by the system. Returns how to stop that.
export function onThemeChange(callback) {
  const watcher = new MutationObserver(callback);
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", callback);
  return () => {
    watcher.disconnect();
    system.removeEventListener("change", callback);
  };
}

let pen = null;

// Programs that open a saved drawing know #rrggbb, but not oklch().
function plainColour(colour) {
  pen ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
