/*
 * The form on the tablet of the front desk: whoever walks away from a half-filled form leaves nothing behind on it, and
 * the thanks make room for the next person (meta next-person names their form).
 */
const next = document.querySelector("meta[name=next-person]")?.content;
const idleFor = next ? 15000 : 120000;
let waiting;

const startOver = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => window.location.replace(next ?? window.location.pathname), idleFor);
};

["input", "pointerdown", "keydown"].forEach((name) => document.addEventListener(name, startOver));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.replace(next ?? window.location.pathname);
});
startOver();
