// Decisions: what a key or a button means for a place, sending it, and what comes after. Every
// decision is safe on the disk once its answer is here.

import { attempt, post, say, sayNumber, toast } from "./common.js";
import { short, told } from "./interview_queue.js";
import { places } from "./interview_scopes.js";
import { NEW } from "./interview_state.js";
import { isWide, label } from "./interview_text.js";

const SLOW_MS = 300;

/** Only what was done last is shown, as U undoes that. */
export function tell(text, options) {
  for (const old of document.querySelectorAll("#toasts .toast:not(.alert)")) old.remove();
  toast(text, options);
}

export class Deciding {
  constructor(page) {
    this.page = page;
    this.busy = false;
    this.waiting = null;
  }

  /** Do something now, or once what is being saved is there: the last of what was asked for. */
  after(run) {
    if (this.busy) this.waiting = run;
    else run();
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
        tell(say("iv.place_changed"), { alert: true });
        this.page.choose(place, { hear: false });
        return;
      }
      state.decided(performance.now());
      this.told(answer.effect, request);
      this.goOn(request, place, asked, after);
    } catch (error) {
      tell(error.status ? error.message : say("iv.not_saved"), { alert: true });
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
    const wide = effect.total + effect.final <= 1 ? "" : `, ${places(effect)}`;
    const later = effect.final ? ` ${sayNumber("iv.final", effect.final)}` : "";
    tell(`${what}${wide}. ${say("iv.undo_with")}${later}`, {
      undo: decision ? () => this.undo({ id: effect.id, ...decision }) : null,
    });
  }

  async undo(decision = this.page.state.history[0]) {
    if (!decision || this.busy) return undefined;
    if (decision.kind === "speakers") return this.unspeak(decision);
    const done = this.begin();
    try {
      const what = told(decision);
      this.page.take(await post(`${this.page.at}/undo`, { version: this.page.state.version, id: decision.id }));
      const { turn, start, end } = decision;
      const place = turn === null ? this.page.place : { turn, start, end };
      tell(turn === null || decision.kind === "merge" ? say("iv.undone", { what }) : this.now(place));
      // What was marked by hand may be no place any more.
      const there = place && (this.page.state.mark(place) || this.page.state.question(place));
      this.page.choose(there ? place : null, { hear: false, how: "nearest" });
    } catch (error) {
      tell(error.status ? error.message : say("iv.not_saved"), { alert: true });
    } finally {
      done();
    }
    return undefined;
  }

  /** What a place is again, now that a decision about it is taken back. */
  now(place) {
    const { state } = this.page;
    const mark = state.mark(place);
    const words = short(state.text(place));
    return mark ? say("iv.undone_now", { words, now: label(mark) }) : say("iv.undone_plain", { words });
  }

  /** Speakers as they were before a change. */
  async unspeak(change) {
    const { page } = this;
    if (!change.back) {
      tell(say("iv.speakers_stay"), { alert: true });
      return;
    }
    const done = this.begin();
    const body = { version: page.state.version, ...change.back };
    const answer = await attempt(() => post(`${page.at}/speakers`, body));
    done();
    if (!answer) return;
    page.state.changes = page.state.changes.filter((each) => each !== change.change);
    page.take(answer);
    page.choose(page.place, { hear: false, how: "nearest" });
    tell(say("iv.speakers_back"));
  }

  /** One decision at a time: a yes or no that is pressed meanwhile must not answer a question that
      was not seen yet; other keys wait (`after`). */
  begin() {
    const card = document.getElementById("card");
    this.busy = true;
    const slow = setTimeout(() => card.setAttribute("aria-busy", "true"), SLOW_MS);
    card.dataset.saving = say("iv.saving");
    return () => {
      clearTimeout(slow);
      card.removeAttribute("aria-busy");
      this.busy = false;
      const { waiting } = this;
      this.waiting = null;
      // Once whoever was waited for has drawn what came of it.
      if (waiting) setTimeout(waiting);
    };
  }
}
