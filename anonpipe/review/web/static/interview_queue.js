// The queue of questions and the history of decisions, below the card.

import { make, say } from "./common.js";
import { clock, idOf } from "./interview_state.js";
import { bare, isWide, label } from "./interview_text.js";

export class Queue {
  /** `choose(question)` is called for one that was taken. */
  constructor(list, state, choose) {
    Object.assign(this, { list, state, items: new Map(), current: null });
    new ResizeObserver(() => this.scroll()).observe(list);
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

  /** Draw the list; what stands as it stood is not made again. */
  draw(place) {
    const within = this.list.contains(document.activeElement);
    const before = this.items;
    this.items = new Map();
    for (const question of this.state.sorted) {
      const id = idOf(question);
      const mark = this.state.mark(question);
      const now = mark ? label(mark) : "";
      const old = before.get(id);
      const same = old?.question === question && old.now === now;
      this.items.set(id, same ? old : { question, now, item: this.item(question, mark) });
    }
    this.list.replaceChildren(...[...this.items.values()].map(({ item }) => item));
    this.point(place);
    if (within) this.current?.focus({ preventScroll: true });
  }

  item(question, mark) {
    const words = isWide(question) ? say("iv.a_stretch") : this.state.text(question);
    const [from] = this.state.seconds(question);
    return make("li", {}, make("button", {
      type: "button", class: question.done ? "item done" : "item", tabindex: -1,
      "data-question": idOf(question), "data-type": mark?.type ?? question.type,
    },
    make("span", { class: "dot", "aria-hidden": "true" }),
    make("span", { class: "words" }, words),
    mark ? make("span", { class: "of" }, label(mark)) : null,
    make("span", { class: "why-short" }, say(`iv.short.${question.why[0]}`)),
    from === null ? null : make("span", { class: "number" }, clock(from)),
    question.done ? make("span", { class: "unseen" }, `, ${say("iv.done")}`) : null));
  }

  /** The question that is spoken of, which is the one that Tab reaches. */
  point(place) {
    this.current?.removeAttribute("aria-current");
    const item = (place && this.items.get(idOf(place))?.item) ?? null;
    this.current = (item ?? this.list.firstElementChild)?.firstElementChild ?? null;
    if (!this.current) return;
    this.rove(this.current);
    if (!item) return;
    this.current.setAttribute("aria-current", "true");
    this.scroll();
  }

  /** Show the question at hand with some before it; only the list scrolls, never the page. */
  scroll() {
    const item = this.current?.parentElement;
    if (item && !this.list.contains(document.activeElement)) {
      this.list.scrollTop = item.offsetTop - this.list.clientHeight / 3;
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
  if (kind === "speakers") return say("iv.told.speakers");
  const [code, other] = decision.codes.map(bare);
  if (kind === "merge") return say("iv.told.merge", { one: code, other });
  const back = kind === "generalise" && value === "";
  const words = short(decision.text);
  return say(`iv.told.${back ? "back" : kind}`, { words, code, value, type: type ? say(`iv.type.${type}`) : "" });
}

export const short = (text) => (text.length > 40 ? `${text.slice(0, 38)}…` : text);
