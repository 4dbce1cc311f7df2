// Choosing words of a turn with keys, buttons or the mouse: for a mention that was missed, or for
// more or fewer words of one. A range always begins and ends with a whole word.

import { make, say } from "./common.js";
import { wordsOf } from "./interview_state.js";

// A full stop after a short word («Mrs. Carter») is one of an abbreviation.
const SENTENCE_END = /[!?…]\s|[\p{L}\p{N}]{4}[.]\s|^[.]\s/u;
const TYPED_MS = 300; // between two letters of a word, at most

export class Pick {
  /** `range` is a place; `changed(range)` is called for each that it becomes. Without Shift, an
      arrow key moves the end, or the whole range if it `walks`; with Shift, the start, or the end
      of one that walks. `taken` is called for Enter; `letters` are functions by key, and any other
      letter is written into the field that comes next. */
  constructor(state, range, { changed, walks, taken, letters = {} }) {
    Object.assign(this, { state, changed, walks, taken, letters });
    this.words = make("output", { class: "picked", "aria-live": "polite" });
    const button = (key, edge, step) =>
      make("button", {
        type: "button", class: "step", tabindex: -1, "aria-label": say(key), title: say(key),
        onclick: () => this.move(edge, step),
      }, step < 0 ? "←" : "→");
    const caption = (key) => make("span", { class: "caption", "aria-hidden": "true" }, say(key));
    this.own = state.touching(range);
    this.element = make(
      "div", { class: "pick-words", tabindex: 0, role: "group", "aria-label": say(walks ? "iv.pick.walk" : "iv.pick.edges") },
      make("span", { class: "edge" }, button("iv.pick.start_left", "start", -1), button("iv.pick.start_right", "start", 1), caption("iv.pick.start")),
      this.words,
      make("span", { class: "edge" }, button("iv.pick.end_left", "end", -1), button("iv.pick.end_right", "end", 1), caption("iv.pick.end")),
    );
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.set(range);
  }

  set(range) {
    this.range = range;
    this.words.value = this.state.text(range);
    this.changed(range);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const letter = event.key.length === 1 && event.key !== " " && document.documentElement.dataset.singleKeys !== "off";
    if (letter && this.walks) {
      if (!this.wait(event.key)) {
        event.stopPropagation();
        return; // The field has the focus now, and gets the letter.
      }
    }
    // On a button, too: Enter is what saves.
    else if (event.key === "Enter") this.taken();
    else if (step && this.walks && !event.shiftKey) this.walk(step);
    else if (step) this.move(event.shiftKey && !this.walks ? "start" : "end", step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** A letter that does something waits: with another one right behind it, it begins a word that is
      looked for («organisasjon»). Gives whether it waits. */
  wait(letter) {
    const before = this.waiting;
    clearTimeout(before?.timer);
    this.waiting = null;
    const act = this.letters[letter.toLowerCase()];
    if (act && !before) {
      const timer = setTimeout(() => {
        this.waiting = null;
        if (this.element.isConnected) act();
      }, TYPED_MS);
      this.waiting = { letter, timer };
      return true;
    }
    this.taken();
    if (before) {
      document.activeElement.value = before.letter;
      document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return false;
  }

  /** Move one edge by a word, as long as a word is left between them; never over the end of a
      sentence or into another mention, which takes the mouse. */
  move(edge, step) {
    const { turn, start, end } = this.range;
    const words = wordsOf(this.state.turns[turn].text);
    const edges = words.map((word) => word[edge === "start" ? 0 : 1]);
    const now = edge === "start" ? start : end;
    const to = step > 0 ? edges.find((at) => at > now) : edges.findLast((at) => at < now);
    if (to === undefined) return;
    const moved = edge === "start" ? { turn, start: to, end } : { turn, start, end: to };
    if (!words.some(([a, b]) => moved.start <= a && b <= moved.end)) return;
    if (this.state.touching(moved).some((mark) => !this.own.includes(mark))) return;
    const { text } = this.state.turns[turn];
    const added = edge === "start" ? text.slice(moved.start, start) : text.slice(end, moved.end);
    if (!SENTENCE_END.test(added)) this.set(moved);
  }

  /** Go on to the next word that is in no mention, or to the one before, in this turn or another. */
  walk(step) {
    const { turn, start, end } = this.range;
    const beyond = ([a, b]) => (step > 0 ? a >= end : b <= start);
    for (let at = turn; this.state.turns[at]; at += step) {
      const words = this.state.free(at).filter((word) => at !== turn || beyond(word));
      if (words.length) {
        const [first, last] = step > 0 ? words[0] : words.at(-1);
        this.set({ turn: at, start: first, end: last });
        return;
      }
    }
  }
}
