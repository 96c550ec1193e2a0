/* A combobox after the ARIA pattern: <input data-combobox="address" data-combobox-value="id of the hidden field">.
   The address answers ?q= with JSON: {"results": [{"id": 1, "name": "…", "detail": "…"}]}. */

const WAIT_MILLISECONDS = 180;
let number = 0;

/** Turn a text field into a combobox. */
export function enhance(input) {
  if (input.getAttribute("role") === "combobox") return;
  const state = makeList(input);
  let timer;
  let asked = 0;

  const search = async () => {
    const words = input.value.trim();
    const enough = words.length >= 2 || /[\u3131-\uD79D]/.test(words);
    if (!enough) return close(state);
    const turn = ++asked;
    const answer = await fetch(`${input.dataset.combobox}?q=${encodeURIComponent(words)}`, {
      headers: { Accept: "application/json" },
    });
    if (turn === asked && answer.ok) show(state, (await answer.json()).results);
  };
  input.addEventListener("input", () => {
    if (state.value) state.value.value = "";
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MILLISECONDS);
  });
  input.addEventListener("keydown", (event) => onKey(state, event));
  input.addEventListener("blur", () => setTimeout(() => close(state), 150));
}

function makeList(input) {
  const box = document.createElement("div");
  const list = document.createElement("ul");
  box.className = "combobox";
  list.className = "combobox-list";
  list.id = `combobox-${++number}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? "");
  input.replaceWith(box);
  box.append(input, list);
  Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": list.id,
  }).forEach(([name, value]) => input.setAttribute(name, value));
  return { input, list, value: document.getElementById(input.dataset.comboboxValue), at: -1 };
}

function show(state, results) {
  state.list.replaceChildren(...results.map((result, index) => option(state, result, index)));
  state.list.hidden = results.length === 0;
  state.input.setAttribute("aria-expanded", String(results.length > 0));
  mark(state, -1);
}

function option(state, result, index) {
  const item = document.createElement("li");
  const detail = document.createElement("small");
  item.id = `${state.list.id}-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.id = result.id;
  item.dataset.name = result.name;
  detail.textContent = result.detail ?? "";
  item.append(result.name, detail);
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => choose(state, item));
  return item;
}

function choose(state, item) {
  state.input.value = item.dataset.name;
  if (state.value) {
    state.value.value = item.dataset.id;
    state.value.dispatchEvent(new Event("change", { bubbles: true }));
  }
  close(state);
}

function close(state) {
  state.list.hidden = true;
  state.input.setAttribute("aria-expanded", "false");
  mark(state, -1);
}

function mark(state, index) {
  const items = [...state.list.children];
  state.at = index;
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
  if (index < 0) return state.input.removeAttribute("aria-activedescendant");
  state.input.setAttribute("aria-activedescendant", items[index].id);
  items[index].scrollIntoView({ block: "nearest" });
}

function onKey(state, event) {
  if (event.isComposing || state.list.hidden) return;
  const last = state.list.children.length - 1;
  if (event.key === "ArrowDown") mark(state, state.at >= last ? 0 : state.at + 1);
  else if (event.key === "ArrowUp") mark(state, state.at <= 0 ? last : state.at - 1);
  else if (event.key === "Escape") close(state);
  else if (event.key === "Enter" && state.at >= 0) choose(state, state.list.children[state.at]);
  else return;
  event.preventDefault();
}
