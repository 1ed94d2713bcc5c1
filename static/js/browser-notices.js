// <browser-notice data-id data-title data-words data-url>: the newest notice, drawn with the bell. In a window that
// nobody looks at it is shown by the browser itself, once for all windows; a click leads to what it is about.
// <notice-permission>: asks this browser for leave to do so, and says how it stands. Both ask nothing by themselves.
const SHOWN = "last-browser-notice";
const state = () => ("Notification" in globalThis ? Notification.permission : "unsupported");

class BrowserNotice extends HTMLElement {
  connectedCallback() {
    const { id, title, words, url } = this.dataset;
    if (!document.hidden || state() !== "granted" || localStorage.getItem(SHOWN) === id) return;
    localStorage.setItem(SHOWN, id);
    const notice = new Notification(title, { body: words, tag: id });
    notice.addEventListener("click", () => {
      globalThis.focus();
      location.assign(url);
      notice.close();
    });
  }
}

class NoticePermission extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.ask());
    this.hidden = false;
    this.show();
  }

  async ask() {
    await Notification.requestPermission();
    this.show();
  }

  show() {
    this.button.hidden = state() !== "default";
    this.querySelector("[data-state]").textContent = this.dataset[state()] ?? "";
  }
}

customElements.define("browser-notice", BrowserNotice);
customElements.define("notice-permission", NoticePermission);
