// Shortcuts for what each page does without a script.
"use strict";
(() => {
  const items = () => [...document.querySelectorAll("[data-item]")];
  const marked = () => document.activeElement.closest("[data-item]");
  let goes = false;

  function move(by) {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(marked());
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next.focus();
  }

  function press(key) {
    const all = items();
    const within = marked() || (all.length === 1 ? all[0] : null);
    const named = `[data-key="${CSS.escape(key)}"]`;
    const button = within?.querySelector(named) || [...document.querySelectorAll(named)].find((one) => !one.closest("[data-item]"));
    if (!button) return false;
    if (button.matches("input, textarea")) button.focus();
    else button.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) {
      if (event.key === "Escape" && event.target.matches("input, textarea")) event.target.blur();
      return;
    }
    const key = event.key;
    if (goes) {
      goes = false;
      const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "g") goes = true;
    else if (key === "?") { const help = document.getElementById("help"); if (help.open) help.close(); else help.showModal(); }
    else if (key === "Enter" && event.target.matches("[data-item]")) event.target.querySelector("a")?.click();
    else if (key.length !== 1 || !press(key)) return;
    event.preventDefault();
  });

  // back where one was, after an action on a list
  const place = sessionStorage.getItem("place");
  sessionStorage.removeItem("place");
  if (place && place.startsWith(location.pathname + " ")) items()[Math.min(items().length - 1, Number(place.split(" ")[1]))]?.focus();
  document.addEventListener("submit", (event) => {
    const item = event.target.closest("[data-item]");
    if (item) sessionStorage.setItem("place", location.pathname + " " + items().indexOf(item));
  });
})();
