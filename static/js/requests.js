// What htmx should do when an answer is not the part that was asked for.
import { toast } from "./toasts.js";

const region = () => document.getElementById("toasts");

// A whole page instead of a part (signed out, moved): go there, never swap a page into a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target, requestConfig } = event.detail;
  const whole = /^\s*(<!doctype|<html)/i.test(xhr.responseText);
  if (!whole || target === document.body || event.detail.selectOverride || requestConfig.elt.hasAttribute("hx-select")) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 400) location.assign(xhr.responseURL);
  else if (!event.detail.isError) toast({ message: region()?.dataset.failed, level: "error" });
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
