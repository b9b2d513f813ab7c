// The page's colours for a canvas, which knows neither custom properties nor light-dark().

// Returns a custom property as a plain colour, as it is at an element right now.
export function resolvedColour(element, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
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
