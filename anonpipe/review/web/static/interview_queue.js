// The queue of questions and the history of decisions, below the card.

import { make, say } from "./common.js";
import { clock, idOf, same } from "./interview_state.js";
import { bare, isWide, label } from "./interview_text.js";

export class Queue {
  /** `choose(question)` is called for one that was taken. */
  constructor(list, state, choose) {
    Object.assign(this, { list, state });
    list.addEventListener("click", (event) => {
      const id = event.target.closest("[data-question]")?.dataset.question;
      if (id) choose(state.questions[id]);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const item = event.target.closest("li");
      if (!step || !item) return;
      const beside = step > 0 ? item.nextElementSibling : item.previousElementSibling;
      if (!beside) return;
      event.preventDefault();
      event.stopPropagation();
      this.rove(beside.firstElementChild);
      beside.firstElementChild.focus();
    });
  }

  draw(place) {
    const within = this.list.contains(document.activeElement);
    const items = this.state.sorted.map((question) => {
      const here = same(question, place);
      const mark = this.state.mark(question);
      const type = mark?.type ?? question.type;
      const words = isWide(question) ? say("iv.a_stretch") : this.state.text(question);
      const [from] = this.state.seconds(question);
      const button = make("button", {
        type: "button", class: question.done ? "item done" : "item", tabindex: here ? 0 : -1,
        "data-question": idOf(question), "data-type": type, "aria-current": here ? "true" : null,
      },
      make("span", { class: "dot", "aria-hidden": "true" }),
      make("span", { class: "words" }, words),
      mark ? make("span", { class: "of" }, label(mark)) : null,
      make("span", { class: "why-short" }, say(`iv.short.${question.why[0]}`)),
      from === null ? null : make("span", { class: "number" }, clock(from)),
      question.done ? make("span", { class: "unseen" }, `, ${say("iv.done")}`) : null);
      return make("li", {}, button);
    });
    this.list.replaceChildren(...items);
    const current = this.list.querySelector("[aria-current]") ?? this.list.querySelector(".item");
    if (!current) return;
    current.tabIndex = 0;
    if (within) current.focus({ preventScroll: true });
    // Only the list scrolls, never the page.
    const item = current.parentElement;
    const top = item.offsetTop - this.list.offsetTop;
    if (top < this.list.scrollTop || top + item.offsetHeight > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = top - this.list.clientHeight / 3;
    }
  }

  rove(button) {
    for (const before of this.list.querySelectorAll('[tabindex="0"]')) before.tabIndex = -1;
    button.tabIndex = 0;
  }
}

/** What was decided, the last first, each with a button that undoes it. */
export function drawHistory(list, state, undo) {
  const items = state.history.map((decision) =>
    make("li", {},
      make("span", { class: "decided" }, told(decision)),
      make("span", { class: "soft" }, say(`iv.scope.${decision.scope}`)),
      make("button", { type: "button", class: "quiet", onclick: () => undo(decision),
        "aria-label": say("iv.undo_this", { what: told(decision) }) }, say("undo"))));
  list.replaceChildren(...items);
}

/** A decision in words: «Kari: Person 2». */
export function told(decision) {
  const { kind, type, value } = decision;
  const [code, other] = decision.codes.map(bare);
  if (kind === "merge") return say("iv.told.merge", { one: code, other });
  const back = kind === "generalise" && value === "";
  const words = short(decision.text);
  return say(`iv.told.${back ? "back" : kind}`, { words, code, value, type: type ? say(`iv.type.${type}`) : "" });
}

const short = (text) => (text.length > 40 ? `${text.slice(0, 38)}…` : text);
