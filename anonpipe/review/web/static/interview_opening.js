// Opening the forms: which words they are about, and what becomes of them.

import { attempt, get, post, say } from "./common.js";
import { addForm, codeForm, extentForm, generaliseForm, mergeForm, speakersForm, typeForm, wordForm } from "./interview_forms.js";
import { tell } from "./interview_deciding.js";
import { Pick } from "./interview_pick.js";
import { wholeWords } from "./interview_state.js";
import { isWide } from "./interview_text.js";

const FORM_OF = { type: typeForm, code: codeForm, merge: mergeForm, generalise: generaliseForm, word: wordForm, extent: extentForm, add: addForm };

export class Opening {
  constructor(page) {
    this.page = page;
    this.pick = null;
  }

  suggestions(place) {
    return async (type) => {
      const { turn, start, end } = place;
      const query = new URLSearchParams({ turn, start, end, type });
      return (await attempt(() => get(`${this.page.at}/suggestions?${query}`))) ?? { candidates: [], forms: [] };
    };
  }

  /** Open a form for the place, or for words; to `walk` is to choose them with the keys first. */
  open(name, range = null, walk = false) {
    const { state } = this.page;
    if (name === "speakers") return this.speakers();
    const place = name === "extent" ? this.page.place : (range ?? this.page.place);
    if (!place) return undefined;
    const mark = state.mark(place);
    const asked = state.question(place);
    if (!mark && (name === "type" || name === "code")) return asked && !isWide(asked) ? this.open("add") : undefined;
    if (["merge", "extent"].includes(name) && !mark) return undefined;
    if (asked && isWide(asked) && name !== "add") return undefined;
    this.drop();
    let form = null;
    const changed = () => form?.count?.();
    if (name === "add" || name === "extent") {
      this.pick = new Pick(state, range ?? wordsAt(state, place), {
        walks: name === "add",
        taken: () => (name === "add" ? form.focus.focus() : form.save()),
        changed: (picked) => {
          this.page.text.paint("picked", picked);
          if (form) this.page.text.reveal(picked, "nearest");
          changed();
        },
        letters: name === "add" ? { o: () => this.instead("word"), w: () => this.instead("word"), g: () => this.instead("generalise") } : {},
      });
    } else if (range) this.page.text.paint("picked", range);
    form = FORM_OF[name]({
      state, place, mark, pick: this.pick, changed, text: state.text(place), save: () => form.save(),
      // What is made vaguer is a detail far oftener than a name.
      type: asked?.type ?? (name === "generalise" || asked?.why.includes("indirect") ? "OTHER" : "PERSON"),
      instead: (other) => this.instead(other), entity: asked?.entity, also: named(state, asked?.also), suggestions: this.suggestions(place),
    });
    this.page.card.open(form, (scope) => this.submit(form, scope, place), () => this.close());
    if (walk) this.pick.element.focus();
    return undefined;
  }

  /** The chosen words are not to be coded: they were misheard, or are to be said vaguer. */
  instead(name) { return this.open(name, this.pick.range); }

  submit(form, scope, place) {
    const request = form.request(scope);
    if (!request) return this.close();
    const at = request.kind === "add" ? { turn: request.turn, start: request.start, end: request.end } : place;
    return this.page.deciding.decide(request, at);
  }

  speakers() {
    const { page } = this;
    const send = (body) => this.respeak(body);
    const form = speakersForm({ state: this.page.state, send });
    this.drop();
    this.page.card.open(form, () => (form.body() ? send(form.body()) : this.close()), () => this.close());
  }

  /** Change who speaks; what takes it back stands among what was decided. */
  async respeak(body) {
    const { page } = this;
    const { state } = page;
    if (page.deciding.busy) return;
    const done = page.deciding.begin(); // The interview is coded anew, which takes a while.
    const labels = state.speakers;
    const answer = await attempt(() => post(`${page.at}/speakers`, { version: state.version, ...body }));
    done();
    if (!answer) return;
    const change = state.respoken(body, labels);
    page.take(answer);
    page.choose(page.place, { hear: false, how: "nearest" });
    tell(`${say("iv.speakers_set")} ${say("iv.undo_with")}`, { undo: () => page.deciding.undo(change) });
  }

  /** Add a mention: of the question's words, else of words that are looked for with the keys. */
  add() {
    const { state, place } = this.page;
    const selected = this.page.text.selected();
    if (selected) return this.select(selected);
    const turn = this.page.text.turnOf(document.activeElement);
    const question = turn === null && state.question(place);
    if (question && !isWide(question) && !state.mark(place)) return this.open("add");
    const at = turn ?? place?.turn ?? 0;
    const from = turn === null || turn === place?.turn ? (place?.start ?? 0) : 0;
    const words = state.free(at);
    const [start, end] = words.find((word) => from < word[1]) ?? words.at(-1) ?? [];
    return start === undefined ? undefined : this.open("add", { turn: at, start, end }, true);
  }

  /** Words were selected with the mouse: other words for the form at hand, or a form for them.
      The letters that say what to do with them work at once; any other one looks for a type. */
  select(selected, name = null) {
    const text = this.page.state.turns[selected.turn].text;
    const words = wholeWords(text, selected.start, selected.end);
    if (!words || !this.page.state.raw && this.page.state.touching(selected).length) return;
    const range = { turn: selected.turn, start: words[0], end: words[1] };
    if (this.pick && this.pick.range.turn === range.turn) {
      this.pick.set(range);
      return;
    }
    const marks = this.page.state.touching(range);
    if (marks.length > 1 || this.page.card.form) return;
    if (marks.length === 1) {
      const [{ start, end }] = marks;
      this.page.choose({ turn: range.turn, start, end }, { hear: false, how: null, focus: false });
      this.open(name ?? "extent", name ? null : range);
    } else if (name) this.open(name, range);
    else this.open("add", range, true);
  }

  drop() {
    this.pick = null;
    this.page.text.paint("picked", null);
  }

  close() {
    this.drop();
    this.page.card.close();
    this.page.card.focus();
  }
}

/** The id of the entity that has a name; undefined for none. */
const named = (state, name) =>
  name && Object.keys(state.entities).find((id) => state.entities[id].name === name);

function wordsAt(state, { turn, start, end }) {
  const words = wholeWords(state.turns[turn].text, start, end);
  return { turn, start: Math.min(start, words?.[0] ?? start), end: Math.max(end, words?.[1] ?? end) };
}
