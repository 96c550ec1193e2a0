/* Search as you type: results follow words and filters in place. Without it the form is sent by its button. */

const form = document.querySelector("form[data-search]");
const words = form?.querySelector("input[type=search]");
// A pause in typing. Of a syllable that is still being composed we wait longer for the rest.
const PAUSE = 350;
const PAUSE_WHILE_COMPOSING = 700;
let timer = 0;
let asked = words?.value.trim();

const look = () => form.dispatchEvent(new CustomEvent("look"));

/** Ask when the words have changed, and not for one Latin letter. */
function lookForWords() {
  const text = words.value.trim();
  if (text === asked || /^[\x20-\x7e]$/.test(text)) return;
  asked = text;
  look();
}

words?.addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(lookForWords, event.isComposing ? PAUSE_WHILE_COMPOSING : PAUSE);
});
words?.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(lookForWords, PAUSE);
});
form?.addEventListener("submit", () => {
  clearTimeout(timer);
  asked = words.value.trim();
});

/* Filters, order and size stand outside of the form and belong to it. */
document.addEventListener("change", (event) => {
  if (event.target !== words && event.target.form === form) look();
});

/* A filter that the reader opened or closed stays so when its numbers change. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const coming = event.detail.fragment;
  if (event.detail.target.id !== "facets") return;
  for (const part of event.detail.target.querySelectorAll("details[id]")) {
    const next = coming.querySelector(`#${CSS.escape(part.id)}`);
    if (next) next.open = part.open;
  }
});
