// <schedule-grid>: an appointment is taken by mouse (or a long press) and put down in another place or column; its lower
// edge makes it longer. Arrow keys go from place to place, Enter opens. It fills a form in and sends it: the server decides.
import { TimeChoice } from "./schedule-choice.js";
import { keepPlace } from "./schedule-place.js";

const [STEP, SLOP, LONG_PRESS] = [5, 5, 300];
const PLACES = ".calendar__item, .calendar__cell, a.calendar__block";

class ScheduleGrid extends HTMLElement {
  connectedCallback() {
    this.choice ??= new TimeChoice(this);
    keepPlace(this);
    this.addEventListener("pointerdown", (event) => this.press(event));
    this.addEventListener("click", (event) => this.isDropped && this.swallow(event), true);
    this.addEventListener("dragstart", (event) => event.preventDefault());
    this.addEventListener("touchmove", (event) => this.isActive && event.preventDefault(), { passive: false });
    this.addEventListener("keydown", (event) => this.walk(event));
  }

  get hourHeight() {
    return this.querySelector(".calendar__body").offsetHeight / Number(this.querySelector(".calendar__body").dataset.span);
  }

  press(event) {
    const item = event.target.closest("[data-appointment], [data-block]");
    if (!item || event.button !== 0 || !event.isPrimary) return;
    this.item = item;
    this.isResize = event.target.matches(".calendar__grip");
    this.start = { x: event.clientX, y: event.clientY };
    this.isTouch = event.pointerType === "touch";
    if (this.isTouch) this.timer = setTimeout(() => this.lift(), LONG_PRESS);
    this.listening = new AbortController();
    const { signal } = this.listening;
    addEventListener("pointermove", (moved) => this.follow(moved), { signal });
    addEventListener("pointerup", (up) => this.drop(up), { signal });
    addEventListener("pointercancel", () => this.finish(), { signal });
    addEventListener("keydown", (key) => key.key === "Escape" && this.finish(), { signal });
  }

  lift() {
    this.isActive = true;
    this.item.classList.add("is-dragging");
  }

  follow(event) {
    const [dx, dy] = [event.clientX - this.start.x, event.clientY - this.start.y];
    if (!this.isActive) {
      if (Math.hypot(dx, dy) < SLOP) return;
      if (this.isTouch) return this.finish();
      this.lift();
    }
    if (this.isResize) this.item.style.setProperty("block-size", `${this.heightOf(this.minutesAfter(dy))}px`);
    else this.item.style.setProperty("transform", `translate(${dx}px, ${dy}px)`);
  }

  minutesAfter(dy) {
    const moved = Math.round((dy / this.hourHeight) * 60 / STEP) * STEP;
    return Math.max(STEP, Number(this.item.dataset.minutes) + moved);
  }

  heightOf(minutes) {
    return (minutes / 60) * this.hourHeight - 2;
  }

  drop(event) {
    if (!this.isActive) return this.finish();
    this.isDropped = true;
    const dy = event.clientY - this.start.y;
    const item = this.item;
    item.hidden = true;
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(".calendar__column");
    item.hidden = false;
    const column = (!this.isResize && under) || item.closest(".calendar__column");
    const shift = this.isResize ? 0 : Math.round((dy / this.hourHeight) * 60 / STEP) * STEP;
    const begins = Number(item.dataset.h) * 60 + Number(item.dataset.m) + shift;
    this.send(item, column, begins, this.isResize ? this.minutesAfter(dy) : Number(item.dataset.minutes));
    this.finish();
  }

  send(item, column, begins, minutes) {
    const form = this.querySelector(item.dataset.block ? "form[data-move-block]" : "form[data-move]");
    const clock = [Math.floor(begins / 60), begins % 60].map((part) => String(part).padStart(2, "0")).join(":");
    const values = { appointment: item.dataset.appointment, version: item.dataset.version, block: item.dataset.block, minutes,
      starts_at: `${column.dataset.day}T${clock}`, provider: column.dataset.provider, room: column.dataset.room };
    for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value ?? "";
    form.requestSubmit();
  }

  finish() {
    clearTimeout(this.timer);
    this.listening?.abort();
    this.item?.classList.remove("is-dragging");
    this.item?.style.removeProperty("transform");
    this.item?.style.removeProperty("block-size");
    this.isActive = false;
  }

  swallow(event) {
    this.isDropped = false;
    event.preventDefault();
    event.stopPropagation();
  }

  walk(event) {
    const way = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const places = (column) => [...column.querySelectorAll(PLACES)].sort((a, b) => a.offsetTop - b.offsetTop);
    const columns = [...this.querySelectorAll(".calendar__column")];
    const here = event.target.closest(PLACES);
    if (!here) return places(columns[0])[0]?.focus();
    const at = columns.indexOf(here.closest(".calendar__column"));
    if (way[1]) return places(columns[at])[places(columns[at]).indexOf(here) + way[1]]?.focus();
    const beside = columns[at + way[0]];
    if (beside) places(beside).reduce((best, each) => Math.abs(each.offsetTop - here.offsetTop) < Math.abs(best.offsetTop - here.offsetTop) ? each : best, places(beside)[0])?.focus();
  }
}

customElements.define("schedule-grid", ScheduleGrid);
