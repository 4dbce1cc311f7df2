// The forms in the side panel: one for each decision that takes more than a key. Each gives a
// title, elements, and the request that saving would send for a scope (null: nothing to save).

import { make, say } from "./common.js";
import { Combo } from "./interview_combo.js";
import { NEW } from "./interview_state.js";
import { bare } from "./interview_text.js";

const TYPES = [
  "PERSON", "LOCATION", "ORG", "ADDRESS", "PHONE", "EMAIL", "NATIONAL_ID", "ACCOUNT", "DATE",
  "AGE", "URL", "VEHICLE", "OCCUPATION", "OTHER",
];
const NEARBY = ["here", "source"];
const NAMES = new Set(["PERSON", "ORG", "LOCATION", "ADDRESS", "PHONE", "EMAIL", "NATIONAL_ID", "ACCOUNT", "URL", "VEHICLE"]);

const typeOptions = () => TYPES.map((type) => ({ value: type, label: say(`iv.type.${type}`), type }));

function entityOptions(state, { type, without = null, first = [], news = true }) {
  const fresh = { value: NEW, label: say("iv.new_code"), hint: say("iv.new_code_hint"), type };
  const option = (id) => {
    const entity = state.entities[id];
    if (id === NEW) return fresh;
    return entity && { value: id, label: bare(entity.code), hint: entity.name, type: entity.type };
  };
  const rank = (id) => (state.entities[id].type === type ? 0 : 1);
  const rest = Object.keys(state.entities).sort((a, b) => rank(a) - rank(b)); // else the key's order
  const all = [...new Set([...first, NEW, ...rest])].filter((id) => id !== without);
  return all.filter((id) => news || id !== NEW).map(option).filter(Boolean);
}

/** The mention is of another type; the rules choose its code. */
export function typeForm({ place, mark, changed, save }) {
  const combo = new Combo({ label: say("iv.form.type"), options: typeOptions(), value: mark.type, changed, chosen: save });
  const request = (scope) =>
    combo.active && combo.active.value !== mark.type
      ? { kind: "entity", scope, ...place, type: combo.active.value, entity: null } : null;
  return { title: say("iv.form.type_title"), about: place, parts: [combo.element], focus: combo.input, request };
}

/** The mention is of another entity, or of a new one. */
export function codeForm({ state, place, mark, also, suggestions, changed, save }) {
  const type = mark.type;
  // What is chosen at first is what a question is about, else what the mention is now.
  const likely = also && also !== mark.entity ? [also, mark.entity] : [mark.entity];
  const list = (first) => entityOptions(state, { type, first: [...likely, ...first] });
  const combo = new Combo({ label: say("iv.form.code"), options: list([]), changed, chosen: save });
  suggestions(type).then(({ candidates }) => combo.replace(list(candidates)));
  const request = (scope) => {
    if (!combo.active || combo.active.value === mark.entity) return null;
    const entity = combo.active.value;
    return { kind: "entity", scope, ...place, type: state.entities[entity]?.type ?? type, entity };
  };
  return { title: say("iv.form.code_title"), about: place, parts: [combo.element], focus: combo.input, request };
}

/** Two entities are one: the mention's gives way to another. */
export function mergeForm({ state, mark, suggestions, changed, save }) {
  const { type, entity } = mark;
  const list = (first) =>
    entityOptions(state, { type, without: entity, first, news: false }).filter((o) => o.type === type);
  const combo = new Combo({ label: say("iv.form.code"), options: list([]), changed, chosen: save });
  suggestions(type).then(({ candidates }) => combo.replace(list(candidates)));
  const request = () =>
    combo.active && { kind: "merge", scope: "study", entity, value: combo.active.value };
  const title = say("iv.form.merge_title", { code: bare(mark.code) });
  return { title, parts: [combo.element], focus: combo.input, request, scopes: ["study"] };
}

/** Something vaguer stands in the text instead of the code, or the code again. Of words that are no
    mention `type` is what they would be. */
export function generaliseForm({ place, mark, type, suggestions, changed, save }) {
  const kind = mark?.type ?? type;
  const vague = (value) => ({ value, label: bare(value), type: kind });
  const back = mark?.vague && { ...vague(""), label: bare(mark.code), hint: say("iv.form.back_to_code") };
  const own = back ? [back] : [];
  const combo = new Combo({
    label: say("iv.form.generalise"), options: own, changed, chosen: save,
    free: (typed) => ({ ...vague(`[${bare(typed)}]`), hint: say("iv.form.own_words") }),
  });
  suggestions(kind).then(({ forms }) => combo.replace([...forms.map(vague), ...own]));
  const request = (scope) =>
    combo.active && { kind: "generalise", scope, ...place, type: mark ? null : kind, value: combo.active.value };
  return { title: say("iv.form.generalise_title"), about: place, parts: [combo.element], focus: combo.input, request };
}

/** What was said is something else than what was heard. */
export function wordForm({ place, text, changed, save }) {
  const input = make("input", { type: "text", id: "said-word", value: text, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => changed());
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    save();
  });
  const field = make("div", { class: "field" }, make("label", { for: "said-word", class: "small" }, say("iv.form.word")), input);
  const request = (scope) => {
    const value = input.value.trim().replace(/\s+/g, " ");
    return value && value !== text ? { kind: "word", scope, ...place, value } : null;
  };
  return { title: say("iv.form.word_title"), parts: [field], focus: input, request, scopes: NEARBY };
}

/** The mention is more words, or fewer. `pick` holds the words that are chosen. */
export function extentForm({ place, pick }) {
  const request = (scope) => {
    const { start, end } = pick.range;
    if (start === place.start && end === place.end) return null;
    return { kind: "span", scope, ...place, span: [start, end] };
  };
  const parts = [pick.element, make("p", { class: "small" }, say("iv.form.extent_keys"))];
  return { title: say("iv.form.extent_title"), parts, focus: pick.element, request, scopes: NEARBY };
}

/** A mention that was missed: which words, which type, whose. */
export function addForm({ state, pick, type, entity, instead, suggestions, changed, save }) {
  const codes = make("select", { id: "add-code" });
  const fill = (first = []) => {
    const chosen = codes.value || entity || "";
    const options = entityOptions(state, { type: combo.active?.value, first });
    codes.replaceChildren(
      make("option", { value: "" }, say("iv.form.code_auto")),
      ...options.map((o) => make("option", { value: o.value }, o.hint && o.value !== NEW ? `${o.label} – ${o.hint}` : o.label)),
    );
    codes.value = chosen;
    if (codes.selectedIndex < 0) codes.value = "";
  };
  let asked = null;
  const combo = new Combo({
    label: say("iv.form.add_type"), options: typeOptions(), value: type, chosen: save,
    changed: (option) => {
      changed();
      if (!option || asked === option.value) return;
      asked = option.value;
      queueMicrotask(fill);
      suggestions(option.value).then(({ candidates }) => asked === option.value && fill(candidates));
    },
  });
  codes.addEventListener("change", () => changed());
  const field = make("div", { class: "field" }, make("label", { for: "add-code", class: "small" }, say("iv.form.add_code")), codes);
  const other = (name, key) =>
    make("button", { type: "button", title: say(`iv.hint.${name}`), onclick: () => instead(name) },
      say(`iv.act.${name}`), make("kbd", { "aria-hidden": "true" }, key));
  const others = make("div", { class: "instead" }, other("word", "O"), other("generalise", "G"));
  const request = (scope) =>
    combo.active && { kind: "add", scope, ...pick.range, type: combo.active.value, entity: codes.value || null };
  return {
    title: say("iv.form.add_title"), parts: [pick.element, others, combo.element, field], focus: combo.input, request,
    scope: () => (NAMES.has(combo.active?.value) ? "source" : "here"),
  };
}

/** Who speaks: other labels, or the two the other way round. `send` gets the body to be sent. */
export function speakersForm({ state, send }) {
  const labels = state.speakers;
  const known = [say("iv.interviewer"), ...state.participants];
  const list = make("datalist", { id: "speaker-labels" }, ...known.map((value) => make("option", { value })));
  const inputs = labels.map((label, number) => {
    const input = make("input", { type: "text", id: `speaker-${number}`, value: label, maxlength: 40, autocomplete: "off", spellcheck: "false" });
    input.setAttribute("list", "speaker-labels");
    return input;
  });
  const fields = labels.map((label, number) =>
    make("div", { class: "field" },
      make("label", { for: `speaker-${number}`, class: "small" }, say("iv.form.speaker_now", { label })), inputs[number]));
  const swap = labels.length === 2 && make(
    "button", { type: "button", class: "wide", onclick: () => send({ swap: true }) },
    say("iv.form.swap", { one: labels[0], other: labels[1] }));
  const body = () => {
    const pairs = labels.map((label, n) => [label, inputs[n].value.trim()]).filter(([old, now]) => now && now !== old);
    return pairs.length ? { labels: Object.fromEntries(pairs) } : null;
  };
  return {
    title: say("iv.form.speakers_title"), parts: [swap || null, ...fields, list], focus: swap || inputs[0],
    body, send, scopes: [],
  };
}
