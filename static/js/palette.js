// <command-palette>: Ctrl K. The pages are here already and are narrowed while typing; people and actions come from the
// server into #palette-found by htmx. Arrows choose, Enter opens, Esc closes (that is the dialog's own).
import { openDialog } from "./dialogs.js";

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.empty = this.querySelector(".palette__empty");
    this.dialog = this.closest("dialog");
    this.input.addEventListener("input", () => this.narrow());
    this.addEventListener("keydown", (event) => this.walk(event));
    this.addEventListener("htmx:afterSettle", () => this.number());
    this.addEventListener("pointermove", (event) => this.choose(event.target.closest("[role=option]")));
    this.onKey = (event) => this.summon(event);
    document.addEventListener("keydown", this.onKey);
    this.number();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  summon(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (this.dialog.open) return this.dialog.close();
    openDialog(this.dialog);
    this.input.focus();
    this.input.select();
  }

  get options() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")];
  }

  narrow() {
    const wanted = plain(this.input.value.trim());
    for (const option of this.querySelectorAll("[data-pages] [role=option]")) {
      option.hidden = !plain(option.textContent).includes(wanted);
    }
    if (!wanted) this.querySelector("#palette-found").replaceChildren();
    this.number();
  }

  number() {
    this.options.forEach((option, index) => { option.id = `palette-option-${index}`; });
    this.empty.hidden = this.options.length > 0;
    this.choose(this.options[0]);
  }

  choose(option) {
    if (option === undefined && this.options.length === 0) this.input.removeAttribute("aria-activedescendant");
    if (!option || option === this.chosen) return;
    for (const other of this.querySelectorAll("[role=option]")) other.setAttribute("aria-selected", String(other === option));
    this.chosen = option;
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  walk(event) {
    const here = this.options.indexOf(this.chosen);
    if (event.key === "ArrowDown") this.choose(this.options[(here + 1) % this.options.length]);
    else if (event.key === "ArrowUp") this.choose(this.options.at(here - 1));
    else if (event.key === "Enter" && !event.isComposing) this.options[here]?.click();
    else return;
    event.preventDefault();
  }
}

customElements.define("command-palette", CommandPalette);
