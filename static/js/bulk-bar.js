// <bulk-bar>: what can be done to the leads that are ticked. Every checkbox that names its form counts, wherever on
// the page it stands; one with the class of a row or card marks it: [data-row], .lead-card. Esc, or its x, clears.
// data-select-page ticks all of the page; shift ticks everything since the last one; Enter ticks as the space bar does.
let left = null; // where an act was done from, until the list is drawn anew with its own bar

class BulkBar extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("click", (event) => this.range(event), { signal, capture: true });
    document.addEventListener("change", (event) => this.changed(event), { signal });
    document.addEventListener("keydown", (event) => this.typed(event), { signal });
    this.addEventListener("keydown", (event) => this.walked(event));
    this.querySelector("[data-enter]")?.addEventListener("click", () => this.places[0]?.focus());
    document.addEventListener("htmx:afterSettle", () => this.show(), { signal });
    this.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    this.form.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && this.renew());
    this.show();
  }

  disconnectedCallback() {
    this.abort.abort();
    if (this.isDone) left = this.home;
  }

  get boxes() {
    return [...document.querySelectorAll(`input[type="checkbox"][form="${this.form.id}"]`)];
  }

  get page() {
    return document.querySelector("[data-select-page]");
  }

  get whole() {
    return this.form.elements.whole;
  }

  range({ target, shiftKey }) {
    if (!target.matches?.(`input[type="checkbox"][form="${this.form.id}"]`)) return;
    const { boxes } = this;
    const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(target)].sort((a, b) => a - b);
    if (shiftKey && from >= 0) for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
    this.last = target;
  }

  changed({ target }) {
    if (target.form === this.form && target.type === "checkbox" && target !== this.whole) {
      [this.home, this.isDone] = [{ value: target.value, place: this.boxes.indexOf(target) }, false];
    }
    if (target === this.page) for (const box of this.boxes) box.checked = target.checked;
    if (target === this.page || target === this.whole || target.matches?.(`[type="checkbox"][form="${this.form.id}"]`)) this.show();
  }

  typed(event) {
    if (event.key === "Enter" && event.target.form === this.form && event.target.type === "checkbox") {
      event.preventDefault();
      event.target.click();
    }
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], details.menu[open]")) return;
    if (this.classList.contains("is-on")) this.clear();
  }

  // What is done next is another act, also where the page was not drawn anew.
  renew() {
    this.form.elements.key.value = `${Date.now()}-${Math.random()}`;
    this.isDone = true;
  }

  get places() {
    return [...this.form.querySelectorAll("summary, button, input")].filter((place) => {
      return place.tabIndex >= 0 && place.checkVisibility() && !place.closest(".menu__list");
    });
  }

  // A toolbar is walked by the arrows.
  walked(event) {
    const { places } = this;
    const [here, step] = [places.indexOf(event.target), { ArrowLeft: -1, ArrowRight: 1 }[event.key]];
    if (!step || here < 0) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.closest("details.menu[open]")?.removeAttribute("open");
    places.at((here + step) % places.length).focus();
  }

  clear() {
    for (const box of this.boxes) box.checked = false;
    if (this.whole) this.whole.checked = false;
    this.show();
  }

  // The cursor goes back to the row or card that was ticked last, or to the one that took its place.
  goHome() {
    const [{ value, place } = {}, { boxes }] = [this.home ?? left ?? {}, this];
    const box = boxes.find((each) => each.value === value) ?? boxes[Math.min(place, boxes.length - 1)];
    left = null;
    box?.closest("[data-row], .lead-card")?.querySelector("a")?.focus({ preventScroll: true });
  }

  show() {
    const { boxes, page, whole } = this;
    const ticked = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("[data-row], .lead-card")?.classList.toggle("is-selected", box.checked || Boolean(whole?.checked));
    const isOver = this.classList.contains("is-on") && !ticked && !whole?.checked;
    const mayGo = this.contains(document.activeElement) || document.activeElement === document.body;
    this.classList.toggle("is-on", ticked > 0 || Boolean(whole?.checked));
    if ((isOver && mayGo) || (left && document.activeElement === document.body)) this.goHome();
    if (page) {
      page.checked = ticked > 0 && ticked === boxes.length;
      page.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    const some = ticked === 1 ? this.dataset.one : this.dataset.many.replace("{n}", ticked);
    const words = (whole?.checked && this.dataset.whole) || some;
    const count = this.querySelector("[data-count]");
    if (count.textContent !== words) count.textContent = words;
  }
}

customElements.define("bulk-bar", BulkBar);
