// <call-log>: a key opens a form of it (L, O, T) or names the outcome (1 to 4), and the cursor goes where one writes next.
// Presses by key are clicks by script; a mouse and the arrows leave the cursor where it is.
class CallLog extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.isTrusted || !event.target.matches("[type=radio]")) return;
      if (event.target.name === "outcome") this.querySelector("[data-after-outcome]").focus();
      else this.begin(event.target.value);
    });
  }

  begin(mode) {
    const form = this.querySelector(`[data-mode="${mode}"]`);
    form.querySelector("[type=radio]:checked, [type=radio], textarea, input:not([type=hidden])").focus();
    form.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("call-log", CallLog);
