/* What every page has: requests, words, messages, keys, and what happens when the server ends.

   Nothing personal may be kept by the browser: no localStorage, no history state, no titles. */

export const words = await (await fetch("/words.json")).json();

/** A sentence by its key, with {places} filled in. */
export function say(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** The same with a number: key.1 for one, if there is such a sentence. */
export function sayNumber(key, n, values = {}) {
  return say(n === 1 && `${key}.1` in words ? `${key}.1` : key, { n, ...values });
}

/** An element: make("button", {class: "quiet", onclick: f}, "text", other). Text is never HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The nodes of a sentence: what stands between backticks is what one types. */
function prose(text) {
  return text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

/* ---- requests ---- */

/** What the server said no to: `message` is a sentence for the person, `status` the HTTP status. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The server did not answer; the page tells of it by itself. */
class Lost extends Error {}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { ...options.headers, "X-Anonpipe": "1" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    lost();
    throw new Lost("Failed to fetch");
  }
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    throw new Refused(body.error ?? say("web.broken"), answer.status);
  }
  const kind = answer.headers.get("content-type") ?? "";
  return kind.startsWith("application/json") ? answer.json() : answer;
}

/** JSON of a GET (or the response, if it is something else). Rejects with Refused or Lost. */
export const get = (path, options = {}) => ask(path, options);

/** JSON of the answer to a POST. Rejects with Refused or Lost. The mode must stay "cors": with others,
    browsers send no origin where no referrer is sent. */
export const post = (path, body = {}) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Do something, and show a refusal as a message; gives undefined then, and if the server is gone. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) toast(error.message, { alert: true });
    else if (!(error instanceof Lost)) throw error;
    return undefined;
  }
}

/* ---- messages ---- */

const TOAST_MS = 6000;

/** Where messages stand: in an open dialog, as all else can neither be reached nor heard then. */
function toastPlace() {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (dialog === undefined) return document.getElementById("toasts");
  const place = dialog.querySelector(":scope > .toasts");
  if (place !== null) return place;
  const made = make("div", { class: "toasts", role: "status" });
  dialog.append(made);
  return made;
}

/** A short message that screen readers say. `undo`: a function; `alert`: stays until dismissed. */
export function toast(text, { undo = null, alert = false } = {}) {
  const place = toastPlace();
  if (place === null) return;
  const box = make("div", { class: alert ? "toast alert" : "toast" }, make("span", {}, text));
  const remove = () => box.remove();
  if (undo !== null) {
    const label = say("undo");
    box.append(make("button", { type: "button", onclick: () => { remove(); undo(); } }, label));
  }
  if (alert) {
    box.append(make("button", { type: "button", "aria-label": say("dismiss"), onclick: remove }, "×"));
  } else {
    let timer = setTimeout(remove, TOAST_MS);
    // Time to read, and to reach the button, is the reader's.
    const wait = () => clearTimeout(timer);
    const go = () => { timer = setTimeout(remove, TOAST_MS); };
    for (const kind of ["pointerenter", "focusin"]) box.addEventListener(kind, wait);
    for (const kind of ["pointerleave", "focusout"]) box.addEventListener(kind, go);
  }
  while (place.children.length >= 3) place.firstElementChild.remove();
  place.append(box);
}

let dialogs = 0;

/** Show a dialog with a heading; gives the element. It closes by Esc, and goes when it closes. */
function openDialog(title, ...content) {
  const id = `dialog-${++dialogs}`;
  const heading = make("h2", { id }, title);
  const dialog = make("dialog", { "aria-labelledby": id }, heading, ...content);
  dialog.addEventListener("close", () => {
    dialog.remove();
    toastPlace()?.append(...dialog.querySelectorAll(".toast"));
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask before something happens; resolves to whether it was confirmed. */
export function confirm(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const go = () => { answer = true; dialog.close(); };
    const dialog = openDialog(
      title,
      make("p", {}, text),
      make("div", { class: "row end" },
        make("button", { type: "button", onclick: () => dialog.close() }, say("cancel")),
        make("button", { type: "button", class: "primary", autofocus: true, onclick: go }, yes)),
    );
    dialog.querySelector(".primary").focus();
    dialog.addEventListener("close", () => resolve(answer));
  });
}

/* ---- keys ---- */

const sections = [];
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", " ": "␣", Escape: "Esc" };

/** Register keys: shortcuts("interview.keys", [{keys: ["j", "ArrowDown"], says: "overview.key.next", run}]).

    A key is as in KeyboardEvent.key, with "Ctrl+" or "Alt+" or "Shift+" (of keys without a
    character) before it; Ctrl is ⌘ on a Mac, too. `title` and `says` are keys of words. `run` gets
    the event; `when` may say that it does not apply now. Keys are not taken from fields in which
    one writes, nor while a dialog is open. */
export function shortcuts(title, bindings) {
  sections.unshift({ title, bindings });
}

function pressed(event) {
  const shift = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  const alt = event.altKey ? "Alt+" : "";
  // On a Mac, Alt and a letter make another character.
  const letter = event.altKey && /^Key[A-Z]$/.test(event.code);
  // Caps Lock makes no other key.
  const plain = event.shiftKey || event.key.length > 1 ? event.key : event.key.toLowerCase();
  const key = letter ? event.code.at(-1).toLowerCase() : plain;
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${alt}${shift}${key}`;
}

const writes = (target) =>
  target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || writes(event.target)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const key = pressed(event);
  const single = key.length === 1 && key !== "?";
  if (single && document.documentElement.dataset.singleKeys === "off") return;
  // Space and Enter belong to the button or link that has the focus.
  if ((key === " " || key === "Enter") && event.target.closest?.("button, a, summary, input")) return;
  for (const { bindings } of sections) {
    const found = bindings.find((each) => each.keys.includes(key) && (each.when?.() ?? true));
    if (found !== undefined) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
});

function showKey(key) {
  const parts = key === "+" ? [key] : key.split(/\+(?=.)/);
  const shown = parts.map((part) => make("kbd", {}, NAMES[part] ?? part));
  return make("span", {}, ...shown.flatMap((each, at) => (at > 0 ? ["+", each] : [each])));
}

function showHelp() {
  const lists = sections.flatMap(({ title, bindings }) => [
    make("h3", {}, say(title)),
    make("dl", { class: "keys" }, ...bindings.flatMap(({ keys, says }) => [
      make("dt", {}, ...keys.map(showKey)),
      make("dd", {}, say(says)),
    ])),
  ]);
  const root = document.documentElement;
  const box = make("input", { type: "checkbox" });
  box.checked = root.dataset.singleKeys === "on";
  box.addEventListener("change", () => {
    root.dataset.singleKeys = box.checked ? "on" : "off";
    attempt(() => post("/screen", { single_keys: box.checked }));
  });
  const dialog = openDialog(
    say("help.title"),
    ...lists,
    make("label", { class: "check" }, box, say("help.single")),
    make("div", { class: "row end" },
      make("button", { type: "button", class: "primary", onclick: () => dialog.close() }, say("close"))),
  );
  // From the top: focus on what stands at the end would scroll past the keys.
  const heading = dialog.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus();
}

/* ---- the frame ---- */

async function quit() {
  if (!(await confirm(say("quit.title"), say("quit.text"), say("quit")))) return;
  if ((await attempt(() => post("/quit"))) === undefined) return;
  tabs.postMessage("gone");
  ended("gone");
}

document.addEventListener("click", (event) => {
  const what = event.target.closest?.("[data-do]")?.dataset.do;
  if (what === "help") showHelp();
  if (what === "quit") quit();
});

for (const select of document.querySelectorAll("[data-screen]")) {
  select.addEventListener("change", async () => {
    const done = await attempt(() => post("/screen", { [select.dataset.screen]: select.value }));
    if (done === undefined) return;
    if (select.dataset.screen === "language") location.reload();
    else document.documentElement.dataset.theme = select.value;
  });
}

shortcuts("key.section", [
  { keys: ["?"], says: "key.help", run: showHelp },
  { keys: ["Alt+o"], says: "key.overview", run: () => { location.href = "/"; } },
]);

/* ---- still there? ---- */

const PULSE_MS = 20_000;
const ALIVE_MS = 60_000;
const WARN_SECONDS = 180;
let over = false;
let endsAt = Infinity; // as far as the last pulse told
let told = performance.now(); // loading the page told the server
let warning = null;

/** Whoever reads or listens does something now and then; that is told once a minute at most. */
export function active() {
  if (over || performance.now() - told < ALIVE_MS) return;
  told = performance.now();
  post("/alive").catch(() => {});
}
for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart", "timeupdate"]) {
  document.addEventListener(kind, active, { passive: true, capture: true });
}

function warn(left) {
  const text = sayNumber("idle.text", Math.max(1, Math.round(left / 60)));
  if (warning !== null) {
    warning.querySelector("p").textContent = text;
    return;
  }
  const stay = make("button", { type: "button", class: "primary" }, say("idle.stay"));
  const dialog = openDialog(say("idle.title"), make("p", { role: "alert" }, text), make("div", { class: "row end" }, stay));
  warning = dialog;
  stay.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    warning = null;
    if (over) return;
    told = performance.now();
    post("/alive").catch(() => {});
  });
  stay.focus();
}

async function pulse() {
  if (over) return;
  try {
    const { left } = await get("/pulse");
    endsAt = performance.now() + left * 1000;
    if (left <= 0) return ended("gone");
    if (left < WARN_SECONDS) warn(left);
    else warning?.close();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) ended("elsewhere");
  }
}
setInterval(pulse, PULSE_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) pulse(); });

// Quitting in one tab ends all.
const tabs = new BroadcastChannel("anonpipe");
tabs.addEventListener("message", (event) => ended(event.data));

/** Take everything off the page: what was on it may be read by whoever comes by. Before that pages
    get the event "review-ended", to be silent, too. */
function ended(kind) {
  over = true;
  document.dispatchEvent(new Event("review-ended"));
  document.title = "anonpipe";
  document.body.replaceChildren(make("main", { class: "ended", role: "alert" },
    make("h1", {}, say(`${kind}.title`)), make("p", { class: "lead" }, ...prose(say(`${kind}.text`)))));
}

let losing = false;

/** A request failed: look once more, and if there is no answer either, say so and wait for one. */
async function lost() {
  if (over || losing) return;
  losing = true;
  await new Promise((wake) => setTimeout(wake, 1000));
  const there = () => fetch("/pulse", { headers: { "X-Anonpipe": "1" } }).then((answer) => answer.ok, () => false);
  if (!(await there())) {
    if (performance.now() > endsAt) return ended("gone");
    ended("lost");
    setInterval(async () => { if (await there()) location.reload(); }, 5000);
  }
  losing = false;
}

// A page that the browser kept for the back button is as old as it looks.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
window.addEventListener("pagehide", () => { over = true; });

document.documentElement.dataset.ready = ""; // From here on, what is pressed is heard.
