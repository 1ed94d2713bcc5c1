// <free-slots>: a press on a free time fills it into the form of booking. [data-print]: prints the page, ="now" as soon as it is there.
class FreeSlots extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.take(event));
  }

  take(event) {
    const slot = event.target.closest("[data-date]");
    const form = this.closest("form");
    if (!slot || !form) return;
    event.preventDefault();
    form.elements.starts_at_0.value = slot.dataset.date;
    form.elements.starts_at_1.value = slot.dataset.time;
    form.elements.provider.value = slot.dataset.provider;
    for (const each of this.querySelectorAll(".is-on")) each.classList.remove("is-on");
    slot.classList.add("is-on");
  }
}

customElements.define("free-slots", FreeSlots);

document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
if (document.querySelector("[data-print=now]")) addEventListener("load", () => window.print());
