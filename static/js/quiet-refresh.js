// <quiet-refresh hx-get="…" hx-trigger="…, refresh" hx-swap="none">: the page's parts drawn anew when somebody changed
// something. Never under an open menu: then it waits until the menu is closed, and asks again.
class QuietRefresh extends HTMLElement {
  connectedCallback() {
    this.addEventListener("htmx:beforeSwap", (event) => {
      if (!this.isMenuOpen()) return;
      event.detail.shouldSwap = false;
      this.isWaiting = true;
    });
    this.onToggle = () => this.catchUp();
    document.addEventListener("toggle", this.onToggle, true);
  }

  disconnectedCallback() {
    document.removeEventListener("toggle", this.onToggle, true);
  }

  isMenuOpen() {
    return document.querySelector("#main details.menu[open]") !== null;
  }

  catchUp() {
    if (!this.isWaiting || this.isMenuOpen()) return;
    this.isWaiting = false;
    this.dispatchEvent(new CustomEvent("refresh"));
  }
}

customElements.define("quiet-refresh", QuietRefresh);
