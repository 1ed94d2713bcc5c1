// <lead-trail>: the leads before and after this one in the list or column that one came from, by J and K or by link.
// The list is remembered for this tab when a lead is opened from it; nothing is asked of the server.
const KEY = "lead-trail";
const LEAD = /^\/leads\/[0-9a-f]{8}-[0-9a-f-]{27}\/$/;

const pathOf = (link) => (link.origin === location.origin && LEAD.test(link.pathname) ? link.pathname : null);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !pathOf(link) || link.closest("lead-trail")) return;
  const list = link.closest(".board__column, table, ol, ul");
  const paths = list ? [...new Set([...list.querySelectorAll("a[href]")].map(pathOf).filter(Boolean))] : [];
  if (paths.length > 1) sessionStorage.setItem(KEY, JSON.stringify(paths));
}, true);

class LeadTrail extends HTMLElement {
  connectedCallback() {
    const paths = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    const place = paths.indexOf(this.dataset.path);
    if (place < 0) return;
    const [before, after] = this.querySelectorAll("a");
    this.point(before, paths[place - 1]);
    this.point(after, paths[place + 1]);
    this.querySelector("[data-place]").textContent = this.dataset.words
      .replace("{place}", place + 1).replace("{all}", paths.length);
    this.hidden = false;
  }

  // A link without an address is none: no key presses it and no reader stops at it.
  point(link, path) {
    if (path) link.href = path;
    else link.removeAttribute("href");
    link.toggleAttribute("data-key", Boolean(path));
    if (path) link.dataset.key = link.dataset.press;
    link.ariaDisabled = path ? null : "true";
  }
}

customElements.define("lead-trail", LeadTrail);
