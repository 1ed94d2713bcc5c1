// Theme and density: kept in a cookie, so that the server draws the next page in them, and told to other tabs.
//   data-theme-set="system|light|dark"   data-density-set="compact|default|comfortable"   data-theme-next
const root = document.documentElement;
const NEUTRAL = { theme: "system", density: "default" };

function chosen(name) {
  return root.dataset[name] || NEUTRAL[name];
}

function show(name, value) {
  if (value === NEUTRAL[name]) delete root.dataset[name];
  else root.dataset[name] = value;
  mark();
}

function choose(name, value) {
  const age = value === NEUTRAL[name] ? 0 : 60 * 60 * 24 * 365;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  localStorage.setItem(name, value);
  show(name, value);
}

function mark() {
  for (const name of Object.keys(NEUTRAL)) {
    for (const button of document.querySelectorAll(`[data-${name}-set]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[`${name}Set`] === chosen(name)));
    }
  }
}

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-set], [data-density-set], [data-theme-next]");
  if (!button) return;
  if ("themeNext" in button.dataset) choose("theme", isDark() ? "light" : "dark");
  else if (button.dataset.themeSet) choose("theme", button.dataset.themeSet);
  else choose("density", button.dataset.densitySet);
});

addEventListener("storage", (event) => {
  if (event.key in NEUTRAL && event.newValue) show(event.key, event.newValue);
});

mark();
