// What htmx should do when an answer is not the part that was asked for.
import { toast } from "./toasts.js";

const region = () => document.getElementById("toasts");
const clinic = document.documentElement.dataset.clinic;

// Each request names the clinic that the page was drawn for, and whether somebody did something or the page asks by
// itself: after live:…, on a timer. The server lets the second kind keep nobody signed in.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (clinic) detail.headers["X-Clinic"] = clinic;
  if (!detail.triggeringEvent || detail.triggeringEvent.type.startsWith("live:")) detail.headers["X-Background"] = "1";
});
document.addEventListener("formdata", ({ target, formData }) => {
  if (clinic && target.method === "post" && !formData.has("_clinic")) formData.append("_clinic", clinic);
});

// A whole page instead of a part (signed out, moved): go there, never swap a page into a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target, requestConfig } = event.detail;
  const whole = /^\s*(<!doctype|<html)/i.test(xhr.responseText);
  if (!whole || target === document.body || event.detail.selectOverride || requestConfig.elt.hasAttribute("hx-select")) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 400) location.assign(xhr.responseURL);
  else if (!event.detail.isError) toast({ message: region()?.dataset.failed, level: "error" });
});

// The page is being left already: what it asked by itself must not lead elsewhere. Otherwise the tablet that was just
// given to a patient, and signed out by that, would go to the sign-in page of its own accord.
const LEAVING = 10_000;
let leftAt = -LEAVING;
const leave = ({ defaultPrevented, timeStamp }) => {
  if (!defaultPrevented) leftAt = timeStamp;
};
window.addEventListener("submit", leave); // beforeunload is not told by every tablet
window.addEventListener("beforeunload", leave);
window.addEventListener("pageshow", () => (leftAt = -LEAVING));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const byItself = event.detail.requestConfig.headers["X-Background"];
  if (byItself && event.timeStamp - leftAt < LEAVING) event.preventDefault();
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const words = region()?.dataset ?? {};
  const message = { 403: words.denied, 404: words.gone, 503: words.away }[status] ?? words.failed;
  if (message) toast({ message, level: "error" });
});

document.addEventListener("htmx:sendError", () => {
  toast({ message: region()?.dataset.offline, level: "error" });
});

// An answer whose button another answer has meanwhile drawn anew: htmx would tell its events to the old button alone,
// and nobody would see the toast. So the body hears them.
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr } }) => {
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState !== XMLHttpRequest.DONE || elt.isConnected) return;
    const events = JSON.parse(xhr.getResponseHeader("HX-Trigger") ?? "{}");
    for (const [name, value] of Object.entries(events)) globalThis.htmx.trigger(document.body, name, { value });
  });
});
