// <live-updates>: hears from the server which topics changed and says live:<topic> on the body, so that a part asks
// for itself again: hx-trigger="live:board from:body, live:poll from:body". The stream carries names, never data.
// live:open says that the stream stands: a part that must not miss a change since the page was drawn asks then.
// A window that nobody looks at hears nothing, unless data-bell names the topic of the bell: then it hears that alone.
// When it fails three times in a row, it says live:poll every 20 seconds and tries the stream again each minute.
const FAILURES = 3;
const POLL = 20_000;
const RETRY = 60_000;

class LiveUpdates extends HTMLElement {
  connectedCallback() {
    this.failures = 0;
    this.onVisible = () => (document.hidden ? this.rest() : this.wake());
    document.addEventListener("visibilitychange", this.onVisible);
    if (!document.hidden) this.listen();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisible);
    this.rest();
  }

  listen() {
    this.stream?.close();
    this.stream = new EventSource(this.getAttribute("src") || "/live/");
    this.stream.addEventListener("open", () => this.heard());
    this.stream.addEventListener("topic", (event) => this.say(event.data));
    this.stream.addEventListener("error", () => this.failed());
  }

  heard() {
    this.say(this.failures ? "poll" : "open"); // what changed between the drawing of the page and now is not lost
    this.failures = 0;
    clearInterval(this.polling);
    this.polling = null;
  }

  failed() {
    this.failures += 1;
    const closed = this.stream.readyState === EventSource.CLOSED;
    if (this.failures >= FAILURES) this.poll();
    else if (closed) this.later = setTimeout(() => this.listen(), 1000 * 2 ** this.failures);
  }

  poll() {
    this.stream.close();
    this.polling ??= setInterval(() => this.say("poll"), POLL);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.listen(), RETRY);
  }

  get mayRing() {
    return Boolean(this.dataset.bell) && globalThis.Notification?.permission === "granted";
  }

  // A hidden tab holds no connection but for the bell; when it is looked at again, everything asks once.
  rest() {
    if (this.isConnected && this.mayRing) return;
    this.stream?.close();
    clearInterval(this.polling);
    clearTimeout(this.later);
    this.polling = null;
  }

  wake() {
    this.failures = 0;
    this.listen();
    this.say("poll");
  }

  say(topic) {
    if (document.hidden && topic !== this.dataset.bell) return;
    document.body.dispatchEvent(new CustomEvent(`live:${topic}`, { bubbles: true }));
  }
}

customElements.define("live-updates", LiveUpdates);
