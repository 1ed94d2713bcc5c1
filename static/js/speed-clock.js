// <speed-clock left="216" at="seconds" minutes="5" opens="seconds"> under something with data-left, data-over and
// data-hours-over, its words: the server wrote the first ones, with what was left `at` that moment of open time. The clock
// goes on from there, or from when the clinic `opens`; it turns yellow in the last minute and red when it is missed.
const shown = new Set();

class SpeedClock extends HTMLElement {
  connectedCallback() {
    this.left = Number(this.getAttribute("left"));
    this.from = Number(this.getAttribute("opens") ?? this.getAttribute("at")) * 1000;
    this.words = this.querySelector("span");
    this.arc = this.querySelector(".ring__left");
    shown.add(this);
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  tick() {
    if (Date.now() < this.from) return;
    const seconds = Math.round(this.left - (Date.now() - this.from) / 1000);
    const minutes = Number(this.getAttribute("minutes"));
    this.classList.remove("speed-clock--waiting");
    this.classList.toggle("speed-clock--missed", seconds <= 0);
    this.classList.toggle("speed-clock--soon", seconds > 0 && seconds <= 60);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const over = Math.max(1, Math.floor(-seconds / 60));
    const say = this.closest("[data-left]")?.dataset;
    const late = over < 120 ? say?.over.replace("{minutes}", over) : say?.hoursOver.replace("{hours}", Math.floor(over / 60));
    const words = seconds > 0 ? say?.left.replace("{left}", time) : late;
    if (words && words !== this.words.textContent) this.words.textContent = words;
    this.arc?.setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, (seconds / minutes / 60) * 100))} 100`);
  }
}

customElements.define("speed-clock", SpeedClock);
setInterval(() => shown.forEach((clock) => clock.tick()), 1000);
