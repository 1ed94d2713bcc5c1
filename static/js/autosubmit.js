// <form data-autosubmit>: a filter that acts when it is changed; words wait for a pause in typing.
const PAUSE = 350;
const waiting = new WeakMap();

function submitSoon(form, delay) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), delay));
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.type !== "search") submitSoon(form, 0);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.matches("[type=search], [type=text]")) submitSoon(form, PAUSE);
});

// Empty fields stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[method=get], form:not([method])")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
