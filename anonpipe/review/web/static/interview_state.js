// What the page knows of an interview, and what can be asked about it. No DOM here.
//
// A place is {turn, start, end}: characters of a turn's text, end exclusive. The server sends
// everything once and then deltas (web/shown.py): `take` puts them over what is there.

const MAPPINGS = ["questions", "decisions", "entities", "labels"];
const USUAL_SECONDS = 9; // a decision takes so long, until this person has shown otherwise
const LONGEST_SECONDS = 60; // longer than this between two decisions is a pause

export const NEW = "new"; // in a request, an entity that is not in the key yet

export const idOf = (place) => `${place.turn}:${place.start}:${place.end}`;
export const same = (a, b) => Boolean(a && b) && idOf(a) === idOf(b);

export class State {
  constructor() {
    this.order = "weight"; // of the queue: "weight" or "text"
    this.changes = []; // of who speaks, since the page was opened
    this.pace = [];
    this.lastDecision = null;
  }

  /** Put an answer over what is known; gives the numbers of the turns that changed, or null. */
  take(answer) {
    if (answer.full) {
      Object.assign(this, answer);
      this.sort();
      return null;
    }
    const changed = new Set();
    for (const [key, value] of Object.entries(answer)) {
      if (key === "turns") {
        for (const [number, turn] of Object.entries(value)) {
          this.turns[number] = turn;
          changed.add(Number(number));
        }
      } else if (MAPPINGS.includes(key)) {
        for (const [id, item] of Object.entries(value)) {
          const was = this[key][id];
          if (key === "questions") changed.add((item ?? was).turn);
          if (item === null) delete this[key][id];
          else this[key][id] = item;
        }
      } else if (key !== "effect" && key !== "changed") {
        this[key] = value;
      }
    }
    // Other labels and codes may stand anywhere.
    const everywhere = "labels" in answer;
    this.sort();
    return everywhere ? null : changed;
  }

  sort() {
    const byText = (a, b) => a.turn - b.turn || a.start - b.start;
    this.sorted = Object.values(this.questions).sort(
      this.order === "text" ? byText : (a, b) => b.weight - a.weight || byText(a, b),
    );
    this.byTurn = new Map();
    for (const question of this.sorted) {
      if (!this.byTurn.has(question.turn)) this.byTurn.set(question.turn, []);
      this.byTurn.get(question.turn).push(question);
    }
  }

  get open() { return this.sorted.filter((question) => !question.done); }
  get done() { return this.sorted.length - this.open.length; }

  question(place) { return place ? this.questions[idOf(place)] : undefined; }

  text(place) { return this.turns[place.turn].text.slice(place.start, place.end); }

  /** The mention with just these bounds. */
  mark(place) {
    return this.turns[place.turn]?.marks.find(
      (mark) => mark.start === place.start && mark.end === place.end,
    );
  }

  /** Mentions that share a character with a place, or the one in which an empty place lies. */
  touching({ turn, start, end }) {
    return this.turns[turn].marks.filter(
      (mark) => mark.start < Math.max(end, start + 1) && start < mark.end,
    );
  }

  /** Words of a turn that are in no mention, [start, end] each. */
  free(turn) {
    const { text, marks } = this.turns[turn] ?? { text: "", marks: [] };
    return wordsOf(text).filter(([a, b]) => !marks.some((m) => m.start < b && a < m.end));
  }

  /** The open question after a place in the queue's order, from the top again at its end. */
  next(place, step = 1) {
    const all = this.sorted;
    if (!all.length) return undefined;
    const here = all.findIndex((question) => same(question, place));
    const from = here < 0 ? (step > 0 ? -1 : all.length) : here;
    for (let n = 1; n <= all.length; n += 1) {
      const question = all[(from + step * n + all.length * n) % all.length];
      if (!question.done && !same(question, place)) return question;
    }
    return undefined;
  }

  /** Seconds of the recording in which a place is said, [null, null] without times. */
  seconds(place) {
    const heard = this.question(place)?.heard;
    if (heard) return heard;
    const { words, start, end } = this.turns[place.turn];
    let first = null;
    let last = null;
    for (let n = 0; n < words.length; n += 4) {
      if (words[n] < place.end && place.start < words[n + 1]) {
        first ??= words[n + 2];
        last = words[n + 3];
      }
    }
    return first === null ? [start, end] : [first, last];
  }

  /** The place of the word that is heard at a second, or of its turn's next one. */
  wordAt(second) {
    if (this.turns.length === 0 || this.turns[0].start === null) return null;
    let low = 0;
    let high = this.turns.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.turns[middle].start <= second) low = middle;
      else high = middle - 1;
    }
    const { words } = this.turns[low];
    for (let n = 0; n < words.length; n += 4) {
      if (second < words[n + 3]) return { turn: low, start: words[n], end: words[n + 1] };
    }
    return { turn: low, start: 0, end: 0 };
  }

  /** Count a decision, for the estimate of the time that is left. */
  decided(now) {
    if (this.lastDecision !== null) {
      this.pace.push(Math.min(LONGEST_SECONDS, (now - this.lastDecision) / 1000));
      if (this.pace.length > 20) this.pace.shift();
    }
    this.lastDecision = now;
  }

  /** Minutes that the open questions will take, rounded up. */
  get minutesLeft() {
    const known = [USUAL_SECONDS, USUAL_SECONDS, USUAL_SECONDS, ...this.pace];
    const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
    return Math.ceil((this.open.length * mean) / 60);
  }

  /** What the speakers are called, in the order in which they speak. */
  get speakers() { return [...new Set(this.turns.map((turn) => turn.speaker))].filter(Boolean); }

  /** Keep a change of who speaks, with what takes it back, and give it as one of the history. */
  respoken({ swap, labels }, before) {
    const pairs = Object.entries(labels ?? {});
    const now = before.map((label) => labels?.[label] ?? label);
    // Two that have become one are not told apart again.
    const back = swap ? { swap } : new Set(now).size === now.length && { labels: Object.fromEntries(pairs.map(([old, label]) => [label, old])) };
    const change = { back, known: new Set(Object.keys(this.decisions)) };
    this.changes.unshift(change);
    return respoken(change);
  }

  /** Decisions and changes of who speaks, the last one first. */
  get history() {
    const decisions = Object.entries(this.decisions)
      .map(([id, decision]) => ({ id, ...decision }))
      .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : number(b.id) - number(a.id)));
    for (const change of this.changes) {
      const at = decisions.findIndex(({ id, kind }) => kind !== "speakers" && change.known.has(id));
      decisions.splice(at < 0 ? decisions.length : at, 0, respoken(change));
    }
    return decisions;
  }
}

const respoken = (change) => ({ change, kind: "speakers", scope: "source", back: change.back, text: "", codes: [] });

const number = (id) => Number(id.slice(id.lastIndexOf("-") + 1));

/** Words of a text, [start, end] each, without the punctuation around them. */
export function wordsOf(text) {
  return [...text.matchAll(/[\p{L}\p{N}](?:[^\s]*[\p{L}\p{N}])?/gu)].map((match) => [
    match.index,
    match.index + match[0].length,
  ]);
}

/** A stretch of a text widened to whole words; null where it holds none. */
export function wholeWords(text, start, end) {
  const words = wordsOf(text).filter(([a, b]) => a < end && start < b);
  return words.length ? [words[0][0], words.at(-1)[1]] : null;
}

export const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
};
