// <relative-time datetime="…">: "6 days ago", kept right while the page stays open. The server wrote the short date
// and the exact moment into it (text and title), so that nothing is lost without this.
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
const shown = new Set();

function say(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) || ["second", 1];
  return unit === "second" ? words.format(0, "second") : words.format(Math.round(seconds / size), unit);
}

class RelativeTime extends HTMLElement {
  static observedAttributes = ["datetime"];

  connectedCallback() {
    shown.add(this);
    this.update();
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.update();
  }

  update() {
    const moment = Date.parse(this.getAttribute("datetime"));
    if (!Number.isNaN(moment)) this.textContent = say(moment);
  }
}

customElements.define("relative-time", RelativeTime);
setInterval(() => shown.forEach((element) => element.update()), 30_000);
