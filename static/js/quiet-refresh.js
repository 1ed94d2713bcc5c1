// <quiet-refresh hx-get="…" hx-trigger="…, refresh" hx-swap="none">: the page's parts drawn anew when somebody changed
// something. Never under an open menu or a button of the mouse that is down, nor under a button whose request is still on
// its way: its answer would find nobody to give it to, and with it the toast. Then it waits until that is over, and asks.
class QuietRefresh extends HTMLElement {
  connectedCallback() {
    this.underway = new Set();
    this.addEventListener("htmx:beforeSwap", (event) => {
      if (this.isFree()) return;
      event.detail.shouldSwap = false;
      this.isWaiting = true;
    });
    this.onToggle = () => this.catchUp();
    this.onSend = (event) => this.wait(event.detail);
    document.addEventListener("toggle", this.onToggle, true);
    document.addEventListener("htmx:beforeSend", this.onSend);
    this.listening = new AbortController();
    const { signal } = this.listening;
    addEventListener("pointerdown", () => (this.isHeld = true), { signal });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.letGo(), { signal });
  }

  disconnectedCallback() {
    document.removeEventListener("toggle", this.onToggle, true);
    document.removeEventListener("htmx:beforeSend", this.onSend);
    this.listening.abort();
  }

  wait({ elt, xhr }) {
    if (elt === this || !elt.closest("#main")) return;
    this.underway.add(xhr);
    xhr.addEventListener("loadend", () => {
      this.underway.delete(xhr);
      this.catchUp();
    });
  }

  letGo() {
    this.isHeld = false;
    setTimeout(() => this.catchUp()); // after whatever the press has sent
  }

  isFree() {
    return !this.isHeld && this.underway.size === 0 && document.querySelector("#main details.menu[open]") === null;
  }

  catchUp() {
    if (!this.isWaiting || !this.isFree()) return;
    this.isWaiting = false;
    this.dispatchEvent(new CustomEvent("refresh"));
  }
}

customElements.define("quiet-refresh", QuietRefresh);
