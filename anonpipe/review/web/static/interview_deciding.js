// Decisions: what a key or a button means for a place, sending it, and what comes after. Every
// decision is safe on the disk once its answer is here.

import { post, say, sayNumber, toast as tell } from "./common.js";
import { told } from "./interview_queue.js";
import { places } from "./interview_scopes.js";
import { NEW } from "./interview_state.js";
import { isWide } from "./interview_text.js";

const SLOW_MS = 300;

/** Only what was done last is shown, as U undoes that. */
function toast(text, options) {
  for (const old of document.querySelectorAll("#toasts .toast:not(.alert)")) old.remove();
  tell(text, options);
}

export class Deciding {
  constructor(page) {
    this.page = page;
    this.busy = false;
  }

  /** The request that an answer is for a scope; null where it takes a form. */
  request(which, place, scope) {
    const mark = this.page.state.mark(place);
    const question = this.page.state.question(place);
    const here = { scope, turn: place.turn, start: place.start, end: place.end };
    if (which === "split") return mark && { kind: "entity", ...here, type: mark.type, entity: NEW };
    if (question && isWide(question)) return which === "yes" ? { kind: "seen", ...here, scope: "here" } : null;
    if (!this.page.state.raw) return null;
    if (mark && which === "no") return { kind: "reject", ...here };
    // What is right in the whole study is always coded so.
    if (mark && scope === "study") return { kind: "add", ...here, type: mark.type, entity: mark.entity };
    if (mark) return { kind: "confirm", ...here };
    if (!question) return null;
    if (which === "no") return { kind: scope === "study" ? "reject" : "seen", ...here };
    return question.type && { kind: "add", ...here, type: question.type, entity: question.entity };
  }

  answer(which) {
    if (!this.page.place || this.page.card.form) return undefined;
    const request = this.request(which, this.page.place, this.page.card.scopes.value);
    if (request) return this.decide(request, this.page.place);
    if (which === "yes" && !this.page.state.mark(this.page.place)) return this.page.opening.open("add");
    return undefined;
  }

  /** Send a decision, show what it changed, and go on to the next question. */
  async decide(request, place) {
    if (this.busy) return;
    const { state } = this.page;
    const done = this.begin();
    const seen = { ...place, text: state.text(place), entity: state.mark(place)?.entity ?? null };
    const merge = request.kind === "merge";
    try {
      const answer = await post(`${this.page.at}/decide`, { version: state.version, request, place: merge ? null : seen });
      const asked = state.question(place);
      const after = state.next(place);
      this.page.take(answer);
      if (answer.refused) {
        toast(say("iv.place_changed"), { alert: true });
        this.page.choose(place, { hear: false });
        return;
      }
      state.decided(performance.now());
      this.told(answer.effect, request);
      this.goOn(request, place, asked, after);
    } catch (error) {
      toast(error.status ? error.message : say("iv.not_saved"), { alert: true });
    } finally {
      done();
    }
  }

  goOn(request, place, asked, after) {
    const { state } = this.page;
    if (asked && (state.question(place)?.done ?? true)) {
      const known = after && state.question(after);
      const next = known && !known.done ? known : state.next(place);
      if (next) return this.page.choose(next);
      if (state.open.length === 0) return this.page.choose(null, { hear: false });
    }
    const { turn } = place;
    let { start, end } = place;
    if (request.kind === "span") [start, end] = request.span;
    if (request.kind === "word") end = start + request.value.length;
    return this.page.choose({ turn, start, end }, { hear: false, how: "nearest" });
  }

  told(effect, request) {
    const decision = this.page.state.decisions[effect.id];
    const what = decision ? told(decision) : say("iv.saved");
    const one = effect.total + effect.final <= 1;
    const wide = one && request.scope === "here" ? "" : `, ${places(effect)}`;
    const later = effect.final ? ` ${sayNumber("iv.final", effect.final)}` : "";
    toast(`${what}${wide}. ${say("iv.undo_with")}${later}`, {
      undo: decision ? () => this.undo({ id: effect.id, ...decision }) : null,
    });
  }

  async undo(decision = this.page.state.history[0]) {
    if (!decision || this.busy) return;
    const done = this.begin();
    try {
      const what = told(decision);
      this.page.take(await post(`${this.page.at}/undo`, { version: this.page.state.version, id: decision.id }));
      toast(say("iv.undone", { what }));
      const { turn, start, end } = decision;
      this.page.choose(turn === null ? this.page.place : { turn, start, end }, { hear: false });
    } catch (error) {
      toast(error.status ? error.message : say("iv.not_saved"), { alert: true });
    } finally {
      done();
    }
  }

  /** One decision at a time: keys that are pressed meanwhile must not answer the next question. */
  begin() {
    const card = document.getElementById("card");
    this.busy = true;
    const slow = setTimeout(() => card.setAttribute("aria-busy", "true"), SLOW_MS);
    card.dataset.saving = say("iv.saving");
    return () => {
      clearTimeout(slow);
      card.removeAttribute("aria-busy");
      this.busy = false;
    };
  }
}
