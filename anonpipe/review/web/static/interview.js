// One interview: puts the text, the card, the queue and the player together, sends decisions, and
// says what they did. Every decision is safe on the disk once its answer is here.

import { attempt, get, post, say, sayNumber, toast } from "./common.js";
import { Card } from "./interview_card.js";
import { addForm, codeForm, extentForm, generaliseForm, mergeForm, speakersForm, typeForm, wordForm } from "./interview_forms.js";
import { bindKeys } from "./interview_keys.js";
import { Listening } from "./interview_listening.js";
import { Pick } from "./interview_pick.js";
import { Queue, drawHistory, told } from "./interview_queue.js";
import { places, previews } from "./interview_scopes.js";
import { State, same, wholeWords, wordsOf } from "./interview_state.js";
import { Text, isWide } from "./interview_text.js";

const $ = (id) => document.getElementById(id);
const NEW = "new";
const FORM_OF = { type: typeForm, code: codeForm, merge: mergeForm, generalise: generaliseForm, word: wordForm, extent: extentForm, add: addForm };

class Page {
  constructor(source) {
    this.source = source;
    this.at = `/api/interviews/${source}`;
    this.state = new State();
    this.place = null;
    this.pick = null;
    this.busy = false;
  }

  async begin() {
    this.state.take(await get(this.at));
    this.preview = previews(this.state);
    this.text = new Text($("text"), this.state);
    this.card = new Card($("card"), this);
    this.queue = new Queue($("queue"), this.state, (question) => this.choose(question));
    this.listening = new Listening(this);
    this.text.draw();
    $("loading").remove();
    this.describe();
    this.others();
    const first = this.state.next(null);
    if (first) this.choose(first, { focus: document.activeElement === document.body, hear: false });
    else this.card.show(null);
    this.update();
    bindKeys(this);
    performance.mark("interview-ready");
  }

  describe() {
    const { raw, kind } = this.state;
    $("kind").textContent = raw ? "" : say("iv.only_coded");
    $("views").querySelector(".segments").hidden = !raw;
    $("speakers").hidden = !raw || !this.state.turns.some((turn) => turn.speaker);
    $("text").dataset.kind = kind;
  }

  /** Draw what follows from the state beside the text: queue, history, progress. */
  update() {
    const { state } = this;
    this.queue.draw(this.place);
    drawHistory($("decisions"), state, (decision) => this.undo(decision));
    const decisions = Object.keys(state.decisions).length;
    $("history-count").textContent = decisions ? String(decisions) : "";
    $("undo").disabled = decisions === 0;
    const { done, minutesLeft } = state;
    const all = state.sorted.length;
    const settled = say("iv.progress", { n: done, all });
    $("progress-text").textContent = done === all ? settled : `${settled}, ${sayNumber("iv.minutes", minutesLeft)}`;
    $("progress-bar").max = Math.max(1, all);
    $("progress-bar").value = all ? done : 1;
    $("progress-bar").classList.toggle("done", done === all);
  }

  /** Speak of a place: in the text, on the card, in the queue. */
  choose(place, { focus = true, hear = this.listening.auto, how = "center" } = {}) {
    this.drop();
    this.place = place && { turn: place.turn, start: place.start, end: place.end };
    this.text.choose(this.place, how);
    this.card.show(this.place);
    this.queue.draw(this.place);
    if (focus) this.card.focus();
    if (place && hear) this.play(false);
  }

  move(step) {
    const { sorted } = this.state;
    const at = sorted.findIndex((question) => same(question, this.place));
    const to = at < 0 ? this.state.next(null) : sorted[at + step];
    if (to) this.choose(to);
  }

  play(covered) { return attempt(() => this.listening.place(this.place, covered)); }

  /** The request that an answer is for a scope; null where it takes a form. */
  request(which, place, scope) {
    const mark = this.state.mark(place);
    const question = this.state.question(place);
    const here = { scope, turn: place.turn, start: place.start, end: place.end };
    if (which === "split") return mark && { kind: "entity", ...here, type: mark.type, entity: NEW };
    if (question && isWide(question)) return which === "yes" ? { kind: "seen", ...here, scope: "here" } : null;
    if (!this.state.raw) return which === "yes" && question ? { kind: "seen", ...here, scope: "here" } : null;
    if (mark && which === "no") return { kind: "reject", ...here };
    // What is right in the whole study is always coded so.
    if (mark && scope === "study") return { kind: "add", ...here, type: mark.type, entity: mark.entity };
    if (mark) return { kind: "confirm", ...here };
    if (!question) return null;
    if (which === "no") return { kind: scope === "study" ? "reject" : "seen", ...here };
    return question.type && { kind: "add", ...here, type: question.type, entity: question.entity };
  }

  answer(which) {
    if (!this.place || this.card.form) return undefined;
    const request = this.request(which, this.place, this.card.scopes.value);
    if (request) return this.decide(request, this.place);
    if (which === "yes" && !this.state.mark(this.place)) return this.open("add");
    return undefined;
  }

  /** Send a decision, show what it changed, and go on to the next question. */
  async decide(request, place) {
    if (this.busy) return;
    this.busy = true;
    $("side").setAttribute("aria-busy", "true");
    const { state } = this;
    const seen = { ...place, text: state.text(place), entity: state.mark(place)?.entity ?? null };
    const merge = request.kind === "merge";
    try {
      const answer = await post(`${this.at}/decide`, { version: state.version, request, place: merge ? null : seen });
      const asked = state.question(place);
      const after = state.next(place);
      this.take(answer);
      if (answer.refused) {
        toast(say("iv.place_changed"), { alert: true });
        this.choose(place, { hear: false });
        return;
      }
      state.decided(performance.now());
      this.told(answer.effect, request);
      this.goOn(request, place, asked, after);
    } catch (error) {
      toast(error.status ? error.message : say("iv.not_saved"), { alert: true });
    } finally {
      this.busy = false;
      $("side").removeAttribute("aria-busy");
    }
  }

  goOn(request, place, asked, after) {
    const { state } = this;
    if (asked && (state.question(place)?.done ?? true)) {
      const next = after && !state.question(after)?.done ? state.question(after) : state.next(place);
      if (next) return this.choose(next);
      if (state.open.length === 0) return this.choose(null, { hear: false });
    }
    const { turn } = place;
    let { start, end } = place;
    if (request.kind === "span") [start, end] = request.span;
    if (request.kind === "word") end = start + request.value.length;
    return this.choose({ turn, start, end }, { hear: false, how: "nearest" });
  }

  told(effect, request) {
    const decision = this.state.decisions[effect.id];
    const what = decision ? told(decision, this.state) : say("iv.saved");
    const wide = effect.total === 1 && request.scope === "here" ? "" : `, ${places(effect)}`;
    const later = effect.final ? ` ${sayNumber("iv.final", effect.final)}` : "";
    toast(`${what}${wide}. ${say("iv.undo_with")}${later}`, {
      undo: decision ? () => this.undo({ id: effect.id, ...decision }) : null,
    });
  }

  async undo(decision = this.state.history[0]) {
    if (!decision || this.busy) return;
    this.busy = true;
    try {
      const what = told(decision, this.state);
      this.take(await post(`${this.at}/undo`, { version: this.state.version, id: decision.id }));
      toast(say("iv.undone", { what }));
      const { turn, start, end } = decision;
      if (turn !== null && turn >= 0) this.choose({ turn, start, end }, { hear: false });
    } catch (error) {
      toast(error.status ? error.message : say("iv.not_saved"), { alert: true });
    } finally {
      this.busy = false;
    }
  }

  /** Put an answer over the state, and draw what it changed; other tabs learn of it. */
  take(answer, heard = false) {
    const before = this.state.version;
    const changed = this.state.take(answer);
    this.text.redraw(changed);
    this.update();
    if (!heard && before !== this.state.version) this.channel?.postMessage(this.state.version);
  }

  /** What other tabs decided is fetched when they say so, and when this one is looked at again. */
  others() {
    const catchUp = async () => {
      if (this.busy || document.hidden) return;
      const answer = await get(`${this.at}?since=${this.state.version}`).catch(() => null);
      if (answer === null || this.busy || answer.version === this.state.version) return;
      this.take(answer, true);
      if (!this.card.form) this.card.show(this.place);
    };
    this.channel = new BroadcastChannel("anonpipe-review");
    this.channel.addEventListener("message", catchUp);
    document.addEventListener("visibilitychange", catchUp);
  }

  suggestions(place) {
    return async (type) => {
      const { turn, start, end } = place;
      const query = new URLSearchParams({ turn, start, end, type });
      return (await attempt(() => get(`${this.at}/suggestions?${query}`))) ?? { candidates: [], forms: [] };
    };
  }

  /** Open a form for the place, or for words; to `walk` is to choose them with the keys first. */
  open(name, range = null, walk = false) {
    const { state } = this;
    if (name === "speakers") return this.speakers();
    const place = name === "add" ? (range ?? this.place) : this.place;
    if (!place) return undefined;
    const mark = state.mark(place);
    const asked = state.question(place);
    if (!mark && (name === "type" || name === "code")) return asked && !isWide(asked) ? this.open("add") : undefined;
    if (["merge", "generalise", "extent"].includes(name) && !mark) return undefined;
    this.drop();
    let form = null;
    const changed = () => form?.count?.();
    if (name === "add" || name === "extent") {
      this.pick = new Pick(state, range ?? wordsAt(state, place), {
        walks: name === "add",
        taken: () => (name === "add" ? form.focus.focus() : form.save()),
        changed: (picked) => {
          this.text.paint("picked", picked);
          if (form) this.text.reveal(picked, "nearest");
          changed();
        },
      });
    }
    form = FORM_OF[name]({
      state, place, mark, pick: this.pick, changed, text: state.text(place), save: () => form.save(),
      type: asked?.type ?? "PERSON", entity: asked?.entity, suggestions: this.suggestions(place),
    });
    this.card.open(form, (scope) => this.submit(form, scope, place), () => this.close());
    if (walk) this.pick.element.focus();
    return undefined;
  }

  submit(form, scope, place) {
    const request = form.request(scope);
    if (!request) return this.close();
    const at = request.kind === "add" ? { turn: request.turn, start: request.start, end: request.end } : place;
    return this.decide(request, at);
  }

  speakers() {
    const send = async (body) => {
      const answer = await attempt(() => post(`${this.at}/speakers`, { version: this.state.version, ...body }));
      if (!answer) return;
      this.take(answer);
      this.choose(this.place, { hear: false });
      toast(say("iv.speakers_set"));
    };
    const form = speakersForm({ state: this.state, send });
    this.drop();
    this.card.open(form, () => (form.body() ? send(form.body()) : this.close()), () => this.close());
  }

  /** Add a mention: of the question's words, else of words that are looked for with the keys. */
  add() {
    const { state, place } = this;
    const turn = this.text.turnOf(document.activeElement);
    const question = turn === null && state.question(place);
    if (question && !isWide(question) && !state.mark(place)) return this.open("add");
    const at = turn ?? place?.turn ?? 0;
    const from = turn === null || turn === place?.turn ? (place?.start ?? 0) : 0;
    const words = wordsOf(state.turns[at]?.text ?? "");
    const [start, end] = words.find((word) => from < word[1]) ?? words.at(-1) ?? [];
    return start === undefined ? undefined : this.open("add", { turn: at, start, end }, true);
  }

  /** Words were selected with the mouse: other words for the form at hand, or a form for them. */
  select(selected) {
    const text = this.state.turns[selected.turn].text;
    const words = wholeWords(text, selected.start, selected.end);
    if (!words || !this.state.raw && this.state.touching(selected).length) return;
    const range = { turn: selected.turn, start: words[0], end: words[1] };
    if (this.pick && this.pick.range.turn === range.turn) {
      this.pick.set(range);
      return;
    }
    const marks = this.state.touching(range);
    if (marks.length > 1) return;
    if (marks.length === 1) {
      const [{ start, end }] = marks;
      this.choose({ turn: range.turn, start, end }, { hear: false, how: null, focus: false });
      this.open("extent", range);
    } else this.open("add", range);
  }

  drop() {
    this.pick = null;
    this.text.paint("picked", null);
  }

  close() {
    this.drop();
    this.card.close();
    this.card.focus();
  }
}

function wordsAt(state, { turn, start, end }) {
  const words = wholeWords(state.turns[turn].text, start, end);
  return { turn, start: Math.min(start, words?.[0] ?? start), end: Math.max(end, words?.[1] ?? end) };
}

const page = new Page($("interview").dataset.source);
await attempt(() => page.begin());

// Nothing of the interview stays in a page that the browser may keep for its back button.
window.addEventListener("pagehide", () => {
  page.listening?.close();
  document.body.replaceChildren();
  page.state = null;
});
