// A stretch of free time, chosen with the mouse down in a column of the calendar: the form of booking opens with it.
// A finger scrolls there instead, and a press or Enter on a free half hour books from it.
const STEP = 5;
const SLOP = 5;

export class TimeChoice {
  constructor(grid) {
    this.grid = grid;
    grid.addEventListener("pointerdown", (event) => this.press(event));
  }

  press(event) {
    const cell = event.target.closest(".calendar__cell");
    if (!cell || event.button !== 0 || event.pointerType === "touch") return;
    this.column = cell.closest(".calendar__column");
    this.from = event.clientY;
    this.listening = new AbortController();
    const { signal } = this.listening;
    addEventListener("pointermove", (moved) => this.follow(moved), { signal });
    addEventListener("pointerup", () => this.drop(), { signal });
    addEventListener("pointercancel", () => this.finish(), { signal });
    addEventListener("keydown", (key) => key.key === "Escape" && this.finish(), { signal });
  }

  follow(event) {
    if (!this.mark && Math.abs(event.clientY - this.from) < SLOP) return;
    if (!this.mark) this.begin();
    const [top, bottom] = [this.from, event.clientY].sort((a, b) => a - b);
    this.start = Math.floor(this.minuteAt(top) / STEP) * STEP;
    this.end = Math.max(this.start + STEP, Math.ceil(this.minuteAt(bottom) / STEP) * STEP);
    const first = Number(this.grid.dataset.first) * 60;
    this.mark.style.setProperty("inset-block-start", `${((this.start - first) / 60) * this.grid.hourHeight}px`);
    this.mark.style.setProperty("block-size", `${((this.end - this.start) / 60) * this.grid.hourHeight}px`);
    this.mark.textContent = `${clock(this.start)} – ${clock(this.end)}`;
  }

  begin() {
    this.mark = document.createElement("div");
    this.mark.className = "calendar__choice";
    this.column.append(this.mark);
  }

  minuteAt(y) {
    const [first, last] = [Number(this.grid.dataset.first), Number(this.grid.dataset.hours)];
    const hour = first + (y - this.column.getBoundingClientRect().top) / this.grid.hourHeight;
    return Math.max(first, Math.min(hour, last)) * 60;
  }

  drop() {
    if (this.mark) this.ask();
    this.finish();
  }

  ask() {
    this.grid.isDropped = true;
    const form = this.grid.querySelector("form[data-choose]");
    const values = { at: `${this.column.dataset.day}T${clock(this.start)}`, duration_minutes: this.end - this.start,
      provider: this.column.dataset.provider, room: this.column.dataset.room };
    for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value ?? "";
    form.requestSubmit();
  }

  finish() {
    this.listening?.abort();
    this.mark?.remove();
    this.mark = null;
  }
}

function clock(minutes) {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
