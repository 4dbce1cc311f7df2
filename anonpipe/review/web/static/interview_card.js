// The card in the side panel: the place that is spoken of, why it needs eyes, and what can be
// decided about it. What takes more than a key opens a form in its place.

import { make, say, sayNumber } from "./common.js";
import { clock, same } from "./interview_state.js";
import { bare, isWide, label } from "./interview_text.js";
import { Scopes, places } from "./interview_scopes.js";

/** Decisions that open a form: key of the keyboard, and whether they apply to a mention. */
const FORMS = {
  type: { key: "T", mention: false },
  code: { key: "K", mention: false },
  extent: { key: "E", mention: true },
  generalise: { key: "G", mention: false },
  merge: { key: "M", mention: true },
  word: { key: "O", mention: false },
};

export class Card {
  /** `app` is the page, with its state, `preview`, `deciding` and `opening`. */
  constructor(root, app) {
    this.root = root;
    this.app = app;
    this.scopes = new Scopes(app.preview, () => this.rescope());
    this.place = null;
    this.form = null;
  }

  /** Show a place. The scope is «here» again, so that a wide one is never chosen unseen. */
  show(place) {
    this.form?.cancel();
    this.form = null;
    if (!same(place, this.place)) this.scopes.value = "here";
    this.place = place;
    this.draw();
  }

  draw() {
    const { app, place } = this;
    const { state } = app;
    if (this.form) return;
    if (!place) {
      this.root.replaceChildren(...this.rest());
      return;
    }
    const mark = state.mark(place);
    const question = state.question(place);
    const wide = question && isWide(question);
    const said = state.text(place);
    const head = make("p", { class: "kicker" }, ...this.position(question), this.time(place));
    const title = make("h2", { id: "card-title", class: wide ? "long" : "" },
      wide ? say("iv.a_stretch") : said);
    const about = make("div", { class: "said" }, head, title, this.now(mark, wide), question ? this.reasons(question) : null);
    const parts = [about];
    if (state.raw) {
      this.scopes.restrict(wide ? ["here"] : ["here", "source", "study"]);
      this.scopes.element.hidden = Boolean(wide) || (!mark && !question);
      parts.push(this.scopes.element, this.answers(mark, question), this.more(mark, wide, Boolean(question)));
    } else {
      parts.push(make("p", { class: "soft" }, say(mark ? "iv.raw_gone" : "iv.begin_text_coded")), this.more(mark, wide));
    }
    this.root.replaceChildren(...parts.filter(Boolean));
    this.count();
  }

  position(question) {
    if (!question) return [make("span", {}, say("iv.mention"))];
    const { sorted } = this.app.state;
    const of = { n: sorted.indexOf(question) + 1, all: sorted.length };
    return [make("span", { id: "card-at" }, say("iv.question_of", of)),
      question.done ? make("span", { class: "badge good" }, say("iv.done")) : null];
  }

  time(place) {
    const [from] = this.app.state.seconds(place);
    if (from === null) return null;
    const hear = make("button", { type: "button", class: "quiet hear", onclick: () => this.app.play(false) },
      "▶ ", clock(from), " ", make("kbd", { "aria-hidden": "true" }, say("iv.key.space")));
    hear.setAttribute("aria-label", say("iv.hear", { time: clock(from) }));
    return this.app.state.has_sound ? hear : make("span", { class: "number" }, clock(from));
  }

  now(mark, wide) {
    if (!mark) return make("p", { class: "now soft", id: "card-now" }, say(wide ? "iv.nothing_coded" : "iv.not_coded_now"));
    const { entities } = this.app.state;
    const name = entities[mark.entity]?.name;
    const said = this.app.state.text(this.place);
    return make("p", { class: "now", id: "card-now" },
      make("span", { class: "chip", "data-type": mark.type }, label(mark)),
      make("span", { class: "soft" }, [
        mark.vague === "" ? say(`iv.type.${mark.type}`) : say("iv.instead_of", { code: bare(mark.code) }),
        name && name !== said ? name : null,
        mark.misheard ? say("iv.misheard", { name: mark.misheard }) : null,
        mark.by === "person" ? say("iv.by_person") : null,
      ].filter(Boolean).join(" · ")));
  }

  reasons(question) {
    const { entities } = this.app.state;
    const mark = this.app.state.mark(this.place);
    const said = this.app.state.text(this.place).toLowerCase().split(/\s+/);
    const shared = Object.entries(entities).some(([id, { type, name }]) =>
      id !== mark?.entity && type === "PERSON" && name.toLowerCase().split(/\s+/).some((word) => said.includes(word)));
    const items = question.why.map((why) =>
      make("li", {}, say(`iv.why.${why === "ambiguous-name" && !shared ? "unclear" : why}`)));
    if (question.also) {
      const { code } = Object.values(entities).find((each) => each.name === question.also) ?? {};
      const name = code ? `${question.also} (${bare(code)})` : question.also;
      items.push(make("li", {}, say(mark ? "iv.maybe_name" : "iv.sounds_like", { name })));
    } else if (question.type && !mark) {
      items.push(make("li", {}, say("iv.maybe_type", { type: say(`iv.type.${question.type}`).toLowerCase() })));
    }
    return make("ul", { class: "why", id: "card-why" }, ...items);
  }

  /** The two answers to a question, each with the places that it touches. */
  answers(mark, question) {
    this.yes = this.answer("yes", question && isWide(question) ? "iv.seen" : mark ? "iv.right" : "iv.add", say("iv.key.yes"), "primary");
    this.no = question && isWide(question) ? null : this.answer("no", mark ? "iv.wrong" : "iv.nothing", "N");
    if (!mark && !question) this.no = null;
    return make("div", { class: "answers" }, this.yes?.button, this.no?.button);
  }

  answer(which, key, kbd, kind = "") {
    const words = make("span", {}, say(key));
    const count = make("span", { class: "count" });
    const button = make("button", {
      type: "button", class: `answer ${kind}`, onclick: () => this.app.deciding.answer(which),
    }, words, count, make("kbd", { "aria-hidden": "true" }, kbd));
    return { button, words, count, key };
  }

  more(mark, wide, asked = false) {
    const button = (name, key, run) => make(
      "button", { type: "button", class: "quiet act", title: say(`iv.hint.${name}`), onclick: run },
      say(`iv.act.${name}`), make("kbd", { "aria-hidden": "true" }, key));
    const { raw } = this.app.state;
    const list = Object.entries(FORMS)
      .filter(([name, { mention }]) => (mark || !mention) && !wide && (raw || name === "merge"))
      .filter(([name]) => mark || asked || !["type", "code"].includes(name))
      .map(([name, { key }]) => button(name, key, () => this.app.opening.open(name)));
    if (mark && raw) list.splice(2, 0, button("split", "S", () => this.app.deciding.answer("split")));
    if (!mark) list.push(button("add_words", "A", () => this.app.opening.add()));
    return make("div", { class: "more" }, ...list);
  }

  /** Before anything is chosen, and when all is done. */
  rest() {
    const { state } = this.app;
    if (!state.raw) return [make("h2", { id: "card-title" }, say("iv.begin")), make("p", {}, say("iv.begin_text_coded"))];
    const done = state.open.length === 0;
    const signing = `/interviews/${state.source}/sign`;
    return [
      make("p", { class: "kicker" }, sayNumber("iv.questions", state.sorted.length)),
      make("h2", { id: "card-title" }, say(done ? "iv.all_done" : "iv.begin")),
      make("p", {}, say(done ? "iv.all_done_text" : "iv.begin_text")),
      done ? make("a", { class: "button primary", href: signing }, say("iv.to_signing")) : null,
    ].filter(Boolean);
  }

  /** A turn was linked to for a detail in it: how that is chosen. */
  hint() {
    if (!this.app.state.raw) return;
    this.root.replaceChildren(
      make("h2", { id: "card-title" }, say("iv.linked")), make("p", { id: "card-now" }, say("iv.linked_text")));
  }

  /** Another scope was chosen. */
  rescope() {
    this.label();
    if (this.scopes.value === "study") this.count();
  }

  /** Ask how many places each answer would touch in each scope. Where a mention's words stand in the
      whole study takes a while to find, so that is asked for only once that scope is chosen. */
  async count() {
    const { app, place } = this;
    if (!place || !app.state.raw || this.scopes.element.hidden) return;
    const no = (scope) => app.deciding.request("no", place, scope);
    const late = app.state.mark(place) && this.scopes.value !== "study";
    const yes = (scope) => (late && scope === "study" ? no(scope) : app.deciding.request("yes", place, scope));
    this.effects = null;
    this.label();
    const effects = await this.scopes.count(yes, no);
    if (effects === null || !same(place, this.place)) return;
    this.effects = effects;
    this.label();
  }

  /** The answers' words for the chosen scope: for the whole study they are «always», «never». */
  label() {
    const scope = this.scopes.value;
    const wide = scope === "study";
    const all = [[this.yes, 0, "iv.always"], [this.no, 1, "iv.never"]];
    for (const [answer, at, studywide] of all) {
      if (!answer) continue;
      const effect = this.effects?.[scope]?.[at];
      answer.words.textContent = say(wide ? studywide : answer.key);
      answer.count.textContent = effect?.total > 1 ? places(effect) : "";
    }
  }

  /** Put a form in the card's place: title, elements, and where it counts. */
  open(form, submit, close) {
    this.scopes.cancel();
    this.form = form;
    const scopes = new Scopes(this.app.preview, () => { scopes.touched = true; }, false);
    scopes.restrict(form.scopes ?? (this.app.state.raw ? ["here", "source", "study"] : ["study"]));
    scopes.value = form.scope?.() ?? this.scopes.value;
    this.form.count = () => {
      if (!scopes.touched && form.scope) scopes.value = form.scope();
      if (form.request) scopes.count((scope) => form.request(scope));
    };
    this.form.cancel = () => scopes.cancel();
    this.form.save = () => submit(scopes.value);
    const save = make("button", { type: "button", class: "primary", onclick: () => this.form.save() },
      say("iv.save"), make("kbd", { "aria-hidden": "true" }, "↵"));
    const cancel = make("button", { type: "button", onclick: close }, say("cancel"), make("kbd", { "aria-hidden": "true" }, "Esc"));
    this.root.replaceChildren(...[
      make("h2", { id: "card-title", class: "form-title" }, form.title),
      form.about ? make("p", { class: "about", id: "card-now" }, ...this.about(form.about)) : null,
      ...form.parts.filter(Boolean), scopes.element,
      make("div", { class: "row end" }, cancel, save),
    ].filter(Boolean));
    this.form.count();
    form.focus?.focus();
    if (form.focus?.select && form.focus.value) form.focus.select();
  }

  /** Which words a form is about, and what stands for them now. */
  about(place) {
    const mark = this.app.state.mark(place);
    return [make("strong", {}, this.app.state.text(place)),
      mark ? make("span", { class: "chip", "data-type": mark.type }, label(mark)) : null].filter(Boolean);
  }

  close() {
    this.form?.cancel();
    this.form = null;
    this.draw();
  }

  focus() { this.root.focus({ preventScroll: true }); }
}
