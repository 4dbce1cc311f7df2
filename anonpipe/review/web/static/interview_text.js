// The text of the interview: one article a turn, no element for a word. A mention is a span that
// acts as a button; its code is laid beside it by CSS, so that an element's text stays, character
// for character, the turn's.

import { clock, idOf } from "./interview_state.js";
import { make, say } from "./common.js";

const LONGEST_SPAN = 90; // characters of a question that is shown as words in the text
const LINE = 27; // CSS pixels, as in interview.css
const PER_LINE = 62;

export class Text {
  constructor(root, state) {
    this.root = root;
    this.state = state;
    this.articles = [];
    this.view = "raw";
    this.place = null;
  }

  draw() {
    const fragment = document.createDocumentFragment();
    this.articles = this.state.turns.map((_, number) => {
      const article = document.createElement("article");
      this.fill(article, number);
      fragment.append(article);
      return article;
    });
    this.root.replaceChildren(fragment);
    if (this.articles.length) this.articles[0].tabIndex = 0;
    this.paint("place", this.place);
  }

  /** Draw turns anew; null for all. The one that has the focus keeps it. */
  redraw(numbers) {
    if (numbers === null || this.articles.length !== this.state.turns.length) {
      const at = this.articles.findIndex((article) => article.contains(document.activeElement));
      this.draw();
      if (at >= 0) this.focusTurn(Math.min(at, this.articles.length - 1));
      return;
    }
    for (const number of numbers) {
      const article = this.articles[number];
      const within = article.contains(document.activeElement);
      this.fill(article, number);
      if (within) article.focus({ preventScroll: true });
    }
    this.paint("place", this.place);
  }

  show(view) {
    if (this.view === view) return;
    this.view = view;
    this.root.dataset.view = view;
    const kept = this.place;
    this.draw();
    if (kept) this.reveal(kept);
  }

  fill(article, number) {
    const turn = this.state.turns[number];
    const before = this.state.turns[number - 1];
    const called = this.state.labels[turn.speaker.trim()] ?? turn.speaker;
    article.className = "turn";
    article.dataset.turn = number;
    article.id = `t${number}`;
    article.setAttribute("aria-posinset", number + 1);
    article.setAttribute("aria-setsize", this.state.turns.length);
    if (!article.hasAttribute("tabindex")) article.tabIndex = -1;
    article.classList.toggle("asks", /^(Interv|Forsker|Research)/i.test(turn.speaker));
    article.classList.toggle("goes-on", before !== undefined && before.speaker === turn.speaker);
    const lines = Math.ceil(turn.text.length / (this.view === "both" ? PER_LINE / 2 : PER_LINE));
    article.style.setProperty("--high", `${lines * LINE + (this.view === "both" ? 44 : 14)}px`);

    const title = called === turn.speaker ? null : turn.speaker;
    const who = make("p", { class: "who", id: `who-${number}` },
      make("span", { class: "name", title }, called || say("iv.nobody")));
    if (turn.start !== null) {
      const time = clock(turn.start);
      const play = { class: "at", type: "button", tabindex: -1, "aria-label": say("iv.play_from", { time }) };
      who.append(" ", this.state.has_sound ? make("button", play, time) : make("span", { class: "at" }, time));
    }
    article.setAttribute("aria-labelledby", who.id);
    const parts = [who];
    const questions = this.state.byTurn.get(number) ?? [];
    if (questions.some((q) => !q.done && isWide(q))) {
      who.append(make("span", { class: "listen" }, say("iv.short.trouble")));
    }
    const pieces = piecesOf(turn, questions);
    if (this.view !== "coded" || !this.state.raw) parts.push(this.line("raw", turn, pieces, number));
    if (this.view !== "raw" && this.state.raw) parts.push(this.line("coded", turn, pieces, number));
    article.replaceChildren(...parts);
  }

  line(kind, turn, pieces, number) {
    const line = document.createElement("p");
    line.className = kind;
    if (kind === "coded") line.dataset.coded = "";
    let at = 0;
    for (const { start, end, mark, question } of pieces) {
      line.append(turn.text.slice(at, start));
      at = end;
      const said = turn.text.slice(start, end);
      const span = document.createElement("span");
      span.className = "m";
      span.dataset.place = idOf({ turn: number, start, end });
      span.tabIndex = -1;
      span.setAttribute("role", "button");
      if (question) span.classList.add(question.done ? "answered" : "asked");
      if (mark) {
        span.dataset.type = mark.type;
        span.dataset.by = mark.by;
        if (mark.decided.length) span.dataset.decided = "";
        if (kind === "raw" && mark.by !== "coded") span.dataset.code = label(mark);
        const values = { words: said, code: label(mark), type: say(`iv.type.${mark.type}`) };
        const name = say(mark.by === "coded" ? "iv.mark_coded" : `iv.mark_${mark.by}`, values);
        span.setAttribute("aria-label", question && !question.done ? `${name}, ${say("iv.asked")}` : name);
      } else {
        span.classList.add("loose");
        span.setAttribute("aria-label", `${said}, ${say(question.done ? "iv.not_coded_done" : "iv.not_coded")}`);
      }
      const words = document.createElement("span");
      words.className = "w";
      words.textContent = kind === "coded" && mark ? mark.written : said;
      span.append(words);
      line.append(span);
    }
    line.append(turn.text.slice(at));
    return line;
  }

  /** The elements of a place that is a mention or a short question. */
  spans(place) {
    return this.articles[place.turn]?.querySelectorAll(`[data-place="${idOf(place)}"]`) ?? [];
  }

  /** Mark a place as the one that is spoken of, and bring it into view. */
  choose(place, how = "center") {
    if (this.place) for (const span of this.spans(this.place)) span.classList.remove("chosen");
    this.articles[this.place?.turn]?.classList.remove("here");
    this.place = place;
    this.paint("place", place);
    if (!place) return;
    this.articles[place.turn].classList.add("here");
    if (how) this.reveal(place, how);
  }

  reveal(place, how = "center") {
    const span = this.spans(place)[0];
    const element = span ?? this.articles[place.turn];
    element?.scrollIntoView({ block: how, behavior: "instant" });
    // What was never drawn has an estimated height: once it is drawn, look again.
    requestAnimationFrame(() => element?.scrollIntoView({ block: how, behavior: "instant" }));
  }

  /** Paint characters without an element: "place", "picked" (being chosen) or "heard". */
  paint(name, place) {
    if (name === "place" && place) {
      for (const span of this.spans(place)) span.classList.add("chosen");
    }
    if (!("highlights" in CSS)) return;
    const range = place && place.end > place.start ? this.range(place) : null;
    if (range) CSS.highlights.set(name, new Highlight(range));
    else CSS.highlights.delete(name);
  }

  /** A Range over the characters of a place in the text as it was said; null if it is not shown. */
  range(place) {
    const line = this.articles[place.turn]?.querySelector(".raw");
    if (!line) return null;
    const range = document.createRange();
    let at = 0;
    let begun = false;
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const size = node.data.length;
      if (!begun && place.start < at + size) {
        range.setStart(node, place.start - at);
        begun = true;
      }
      if (begun && place.end <= at + size) {
        range.setEnd(node, place.end - at);
        return range;
      }
      at += size;
    }
    return null;
  }

  /** The place that a person has selected with the mouse or the browser's keys; null if none. */
  selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const element = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node);
    const line = element(range.startContainer)?.closest(".raw, .coded");
    if (!line || !this.root.contains(line)) return null;
    const start = offsetIn(line, range.startContainer, range.startOffset);
    const whole = !line.contains(range.endContainer);
    const end = whole ? line.textContent.length : offsetIn(line, range.endContainer, range.endOffset);
    const turn = Number(line.closest("article").dataset.turn);
    if (!("coded" in line.dataset)) return { turn, start, end };
    const { turns, byTurn } = this.state;
    const pieces = piecesOf(turns[turn], byTurn.get(turn) ?? []);
    return { turn, start: said(pieces, start, "start"), end: said(pieces, end, "end") };
  }

  turnOf(element) {
    const article = element?.closest?.("article.turn");
    return article && this.root.contains(article) ? Number(article.dataset.turn) : null;
  }

  focusTurn(number) {
    this.rove(this.articles[number]);
    this.articles[number]?.focus();
    this.articles[number]?.scrollIntoView({ block: "nearest" });
  }

  /** The mention or question before or after an element, in this turn or another. */
  beside(element, step) {
    const all = [...this.root.querySelectorAll(this.view === "coded" ? ".coded .m, .raw .m" : ".raw .m")];
    const here = all.indexOf(element);
    if (here >= 0) return all[here + step];
    const turn = this.turnOf(element) ?? 0;
    const first = all.findIndex((span) => Number(span.closest("article").dataset.turn) >= turn);
    if (first < 0) return step < 0 ? all.at(-1) : undefined;
    return step > 0 ? all[first] : all[first - 1];
  }

  /** Only one element of the text is reached with Tab: the one that had the focus last. */
  rove(element) {
    for (const before of this.root.querySelectorAll('[tabindex="0"]')) before.tabIndex = -1;
    if (element) element.tabIndex = 0;
  }
}

/** What of a turn is shown as spans, in order: mentions, and questions that touch none. */
function piecesOf(turn, questions) {
  const asked = new Map(questions.map((question) => [idOf(question), question]));
  const number = questions[0]?.turn;
  const pieces = turn.marks.map((mark) => ({
    start: mark.start,
    end: mark.end,
    mark,
    question: asked.get(idOf({ turn: number, start: mark.start, end: mark.end })),
  }));
  for (const question of questions) {
    const free = !pieces.some((p) => p.start < question.end && question.start < p.end);
    if (free && !isWide(question)) {
      pieces.push({ start: question.start, end: question.end, mark: null, question });
    }
  }
  return pieces.sort((a, b) => a.start - b.start);
}

/** Whether a question is about a stretch that is to be heard, rather than about words. */
export const isWide = (question) =>
  question.why[0] === "trouble" || question.end - question.start > LONGEST_SPAN;

/** What stands for a mention, without brackets. */
export const label = (mark) => bare(mark.vague || mark.code);

/** A code without its brackets, as a label. */
export const bare = (code) => code.replace(/^\[(.*)\]$/s, "$1");

function offsetIn(line, node, offset) {
  const range = document.createRange();
  range.setStart(line, 0);
  range.setEnd(node, offset);
  return range.toString().length;
}

/** The character of what was said that stands at a character of the coded text. */
function said(pieces, index, side) {
  let shift = 0;
  for (const { start, end, mark } of pieces) {
    if (!mark) continue;
    const from = start + shift;
    const to = from + mark.written.length;
    if (index <= from) break;
    if (index < to) return side === "start" ? start : end;
    shift += mark.written.length - (end - start);
  }
  return index - shift;
}
