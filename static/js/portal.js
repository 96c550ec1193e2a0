/* Betters what already works without script. No module is needed to read, sign in, apply or answer. */

const onEach = (selector, root, act) => root.querySelectorAll(selector).forEach(act);
const announcer = document.getElementById("announcer");

/** Say something to screen readers. */
function announce(text) {
  announcer.textContent = "";
  requestAnimationFrame(() => { announcer.textContent = text; });
}

/* An input method's Enter ends a syllable; it must not send the form. */
document.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229;
  if (composing && event.key === "Enter" && event.target.matches("input")) event.preventDefault();
}, true);

/* Menus close on Escape and when the reader goes elsewhere. */
document.addEventListener("click", (event) => {
  onEach("details[data-menu][open]", document, (menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* Dialogs: <button data-opens="id">, closed by <form method="dialog">; focus goes back by itself. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
});

/* Light and dark at once; the server remembers. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-appearance-switch]")) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  document.documentElement.dataset.appearance = data.get("appearance");
  onEach("button", form, (button) => {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  });
  fetch(form.action, { method: "POST", body: data, redirect: "manual" });
});

/* What is sent waits for what is just being saved: else a form would be in conflict with itself. */
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches(".htmx-request[hx-post]")) return;
  event.preventDefault();
  form.addEventListener("htmx:afterRequest", () => form.requestSubmit(submitter), { once: true });
});

/* A second click on "send" sends nothing twice; coming back by the back button allows it again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  // A field may be called "method": the attribute is asked.
  if (event.defaultPrevented || !form.matches("[method=post]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => onEach("form[data-sent]", document, (form) => delete form.dataset.sent));

/* Words that nobody has saved: in <form data-guard>, and in forms that save themselves after a while. */
const SAVES_ITSELF = "form[hx-post][hx-target='#standing']";
const unsaved = new Set();
const beingSaved = new Set();
document.addEventListener("input", ({ target: { form } }) => {
  if (form?.matches(`[data-guard], ${SAVES_ITSELF}`)) unsaved.add(form);
});
document.addEventListener("submit", () => unsaved.clear());
document.addEventListener("htmx:beforeRequest", ({ target: form }) => {
  if (form.matches(SAVES_ITSELF) && unsaved.delete(form)) beingSaved.add(form);
});
document.addEventListener("htmx:afterRequest", ({ target: form, detail }) => {
  if (beingSaved.delete(form) && !detail.successful) unsaved.add(form);
});
addEventListener("beforeunload", (event) => {
  if (unsaved.size || beingSaved.size) event.preventDefault();
});

/** Count characters as the server does, where there is a limit; let people paste too much and see it. */
function addCounter(area) {
  const limit = area.maxLength;
  const least = area.dataset.least ? ` (${area.dataset.least})` : "";
  if (limit <= 0) return;
  area.removeAttribute("maxlength");
  const counter = document.createElement("p");
  counter.className = "counter";
  counter.setAttribute("aria-hidden", "true");
  const count = () => {
    const length = [...area.value].length;
    counter.textContent = `${length.toLocaleString()} / ${limit.toLocaleString()}${least}`;
    counter.classList.toggle("counter-over", length > limit);
  };
  area.after(counter);
  area.addEventListener("input", count);
  count();
}

/** Prepare what is on the page, or what has just come into it. */
function prepare(root) {
  onEach("textarea[maxlength]", root, addCounter);
  onEach("form[method='post']", root, (form) => { form.noValidate = true; });
  onEach("input[data-browser-time-zone]", root, (input) => {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  });
  onEach("[data-focus]", root, (element) => element.focus());
}

prepare(document);

/* After a swap: prepare the new part, say what it says, and keep focus on something that exists. */
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  if (!part.isConnected) return;
  prepare(part);
  const words = part.matches("[data-announce]") ? part : part.querySelector("[data-announce]");
  if (words) announce(words.dataset.announce || words.textContent.trim());
  if (document.activeElement === document.body) {
    part.querySelector("[data-swap-focus]")?.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:sendError", () => announce(document.body.dataset.offline));
