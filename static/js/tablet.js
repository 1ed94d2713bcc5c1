/* The form on the tablet of the front desk: whoever walks away from a half-filled form leaves nothing behind on it. */
const IDLE_MS = 120000;
let waiting;

const startOver = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => window.location.replace(window.location.pathname), IDLE_MS);
};

["input", "pointerdown", "keydown"].forEach((name) => document.addEventListener(name, startOver));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.replace(window.location.pathname);
});
startOver();
