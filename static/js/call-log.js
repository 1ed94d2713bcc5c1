// <call-log>: a key opens a form of it (L, O, T) or names the outcome (1 to 4). An outcome named by key logs the call at
// once, with what usually follows; what was said is added to it afterwards. A mouse only chooses. A link with data-log
// anywhere on the page opens a form too. Presses by key are clicks by script.
import { suggest } from "./next-step.js";

let typed = ""; // what was said, written while the call was still being logged

class CallLog extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.isTrusted || !event.target.matches("[type=radio]")) return;
      if (event.target.name === "outcome") this.log(event.target);
      else this.begin(event.target.value);
    });
    this.addEventListener("change", (event) => event.target.name === "outcome" && suggest(event.target));
    this.addEventListener("htmx:beforeSwap", () => (typed = this.isLogging ? this.notes.value : ""));
    this.notes.value ||= typed;
    typed = "";
    if (this.querySelector("[data-logged]")) this.notes.focus();
  }

  get notes() {
    return this.querySelector("[data-mode=call] [name=notes]");
  }

  begin(mode) {
    const form = this.querySelector(`[data-mode="${mode}"]`);
    form.querySelector("[type=radio]:checked, [type=radio], textarea, input:not([type=hidden])").focus();
    form.scrollIntoView({ block: "nearest" });
  }

  open(mode) {
    this.querySelector(`[name=log-mode][value="${mode}"]`).checked = true;
    this.begin(mode);
  }

  log(outcome) {
    suggest(outcome);
    const { form } = outcome;
    if (this.notes.value) return this.notes.focus();
    form.elements.by_key.disabled = false;
    form.requestSubmit();
    this.isLogging = true;
    this.notes.focus();
  }
}

customElements.define("call-log", CallLog);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-log]");
  const log = opener && document.querySelector("call-log");
  if (!log) return;
  event.preventDefault();
  log.open(opener.dataset.log);
});
