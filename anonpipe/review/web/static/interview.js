// One interview: puts the text, the card, the queue and the player together, sends decisions, and
// says what they did. Every decision is safe on the disk once its answer is here.

import { attempt, get, say, sayNumber } from "./common.js";
import { Card } from "./interview_card.js";
import { Deciding } from "./interview_deciding.js";
import { bindKeys } from "./interview_keys.js";
import { Listening } from "./interview_listening.js";
import { Opening } from "./interview_opening.js";
import { Queue, drawHistory } from "./interview_queue.js";
import { previews } from "./interview_scopes.js";
import { State, same } from "./interview_state.js";
import { Text } from "./interview_text.js";

const $ = (id) => document.getElementById(id);

class Page {
  constructor(source) {
    this.source = source;
    this.at = `/api/interviews/${source}`;
    this.state = new State();
    this.place = null;
    this.deciding = new Deciding(this);
    this.opening = new Opening(this);
  }

  async begin() {
    // The text first: the questions of a long interview take a second longer.
    this.state.take(await get(`${this.at}/text`));
    this.preview = previews(this.state);
    this.text = new Text($("text"), this.state);
    this.card = new Card($("card"), this);
    this.queue = new Queue($("queue"), this.state, (question) => this.choose(question));
    this.listening = new Listening(this);
    this.text.draw();
    $("loading").remove();
    this.describe();
    this.text.redraw(this.state.take(await get(`${this.at}?since=text`)));
    this.others();
    this.update();
    this.go();
    addEventListener("hashchange", () => this.go());
    bindKeys(this);
    $("interview").dataset.ready = "";
  }

  /** To the turn that the address names, else to the first question. */
  go() {
    const linked = this.linked();
    const first = linked === null
      ? this.state.next(null)
      : this.state.open.find((question) => question.turn === linked);
    if (first) this.choose(first, { focus: document.activeElement === document.body, hear: false });
    else this.choose(null, { focus: false, hear: false });
    if (linked !== null && !first) {
      this.card.hint();
      this.text.focusTurn(linked);
    }
  }

  /** The turn to which another page leads (/interviews/R01#t12), null for none. */
  linked() {
    const turn = Number(/^#t(\d+)$/.exec(location.hash)?.[1] ?? NaN);
    return turn < this.state.turns.length ? turn : null;
  }

  describe() {
    const { raw, kind } = this.state;
    $("kind").textContent = raw ? "" : say("iv.only_coded");
    $("views").querySelector(".segments").hidden = !raw;
    $("waiting").hidden = !raw;
    $("progress").hidden = !raw;
    $("sign").hidden = !raw; // What is signed off is deleted.
    $("speakers").hidden = !raw || !this.state.turns.some((turn) => turn.speaker);
    $("text").dataset.kind = kind;
  }

  /** Draw what follows from the state beside the text: queue, history, progress. */
  update() {
    const { state } = this;
    this.queue.draw(this.place);
    drawHistory($("decisions"), state, (decision) => this.deciding.undo(decision));
    const decisions = state.history.length;
    $("history-count").textContent = decisions ? String(decisions) : "";
    $("undo").disabled = decisions === 0;
    const { done, minutesLeft } = state;
    const all = state.sorted.length;
    const settled = all ? say("iv.progress", { n: done, all }) : say("iv.no_questions");
    $("progress-text").textContent = done === all ? settled : `${settled}, ${sayNumber("iv.minutes", minutesLeft)}`;
    $("progress-bar").max = Math.max(1, all);
    $("progress-bar").value = all ? done : 1;
    $("progress-bar").classList.toggle("done", done === all);
    $("sign").classList.toggle("primary", done === all);
  }

  /** Speak of a place: in the text, on the card, in the queue. */
  choose(place, { focus = true, hear = this.listening.auto, how = "center" } = {}) {
    this.opening.drop();
    this.place = place && { turn: place.turn, start: place.start, end: place.end };
    this.text.choose(this.place, how);
    this.card.show(this.place);
    this.queue.point(this.place);
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

  /** Put an answer over the state, and draw what it changed; other tabs learn of it. */
  take(answer, heard = false) {
    const before = this.state.version;
    const changed = this.state.take(answer);
    if (answer.full) this.describe();
    if (this.place && this.place.end > (this.state.turns[this.place.turn]?.text.length ?? 0)) {
      this.place = this.text.place = null;
    }
    this.text.redraw(changed);
    this.update();
    if (!heard && before !== this.state.version) this.channel?.postMessage(this.state.version);
  }

  /** What other tabs decided is fetched when they say so, and when this one is looked at again. */
  others() {
    const catchUp = async () => {
      if (this.deciding.busy || document.hidden) return;
      const answer = await get(`${this.at}?since=${this.state.version}`).catch(() => null);
      if (answer === null || this.deciding.busy || answer.version === this.state.version) return;
      this.take(answer, true);
      if (!this.card.form) this.card.show(this.place);
    };
    this.channel = new BroadcastChannel("anonpipe-review");
    this.channel.addEventListener("message", catchUp);
    document.addEventListener("visibilitychange", catchUp);
  }
}

const page = new Page($("interview").dataset.source);

document.addEventListener("review-ended", () => page.listening?.close());

// Nothing of the interview stays in a page that the browser may keep for its back button.
window.addEventListener("pagehide", () => {
  page.listening?.close();
  page.channel?.close();
  page.place = null;
  if (page.card) page.card.place = null; // What is still on its way finds nothing to speak of.
  page.state.take({ full: true, turns: [], questions: {}, decisions: {}, entities: {}, labels: {} });
  document.body.replaceChildren();
});

await attempt(() => page.begin());
