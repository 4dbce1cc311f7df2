// The player's bar: what plays, how fast, with names covered or not, and which word is heard.

import { attempt, make, post, say } from "./common.js";
import { clock } from "./interview_state.js";
import { AROUND, Player, SPEEDS } from "./interview_sound.js";

const $ = (id) => document.getElementById(id);
const decimal = (speed) => speed.toLocaleString(document.documentElement.lang);

export class Listening {
  constructor(page) {
    const { state } = page;
    Object.assign(this, { page, auto: false, heard: -1 });
    this.player = new Player(state.source, state.duration, (second) => this.tell(second));
    $("player").hidden = !state.has_sound;
    $("no-sound").hidden = state.has_sound;
    $("no-sound").textContent = say(state.kind === "audio" ? "iv.no_sound" : "iv.no_sound_text");
    $("speed").append(...SPEEDS.map((speed) => make("option", { value: speed, selected: speed === 1 }, `${decimal(speed)}×`)));
    $("speed").addEventListener("change", () => attempt(() => this.player.setSpeed(Number($("speed").value))));
    $("play").addEventListener("click", () => this.toggle());
    $("covered").addEventListener("click", () => this.press("covered", (on) => { this.player.covered = on; }));
    $("auto").addEventListener("click", () => this.press("auto", (on) => { this.auto = on; }));
    this.player.covered = $("covered").getAttribute("aria-pressed") === "true";
    this.auto = $("auto").getAttribute("aria-pressed") === "true";
  }

  press(id, then) {
    const on = $(id).getAttribute("aria-pressed") !== "true";
    $(id).setAttribute("aria-pressed", String(on));
    then(on);
    // The next interview is heard in the same way.
    attempt(() => post("/api/listening", { [id]: on }));
  }

  faster(step) {
    const to = SPEEDS[SPEEDS.indexOf(this.player.speed) + step];
    if (to === undefined) return;
    $("speed").value = String(to);
    attempt(() => this.player.setSpeed(to));
  }

  /** The words of a place with some seconds around them. */
  place(place, covered = false) {
    if (!this.page.state.has_sound || !place) return undefined;
    const [from, to] = this.page.state.seconds(place);
    if (from === null) return undefined;
    return this.player.play(from - AROUND, to + AROUND, covered || this.player.covered);
  }

  /** From a second on, until stopped. */
  from(second) {
    if (!this.page.state.has_sound || second === null) return;
    attempt(() => this.player.play(second));
  }

  /** Stop, or play on from where it was stopped, or from the place or the turn at hand. */
  toggle() {
    if (this.player.playing) this.player.stop();
    else this.from(this.resume ?? this.here() ?? 0);
  }

  here() {
    const { page } = this;
    const turn = page.text.turnOf(document.activeElement);
    const place = turn === null ? page.place : { turn, start: 0, end: 1 };
    return place && page.state.seconds(place)[0];
  }

  tell(second) {
    const { page, player } = this;
    $("covered").classList.toggle("sounding", second !== null && player.run.covered);
    $("play").textContent = second === null ? "▶" : "■";
    $("play").setAttribute("aria-label", say(second === null ? "iv.play" : "iv.stop"));
    if (second === null) {
      page.text.paint("heard", null);
      this.turn?.classList.remove("heard");
      return;
    }
    if (player.run.last >= player.duration - 0.1) this.resume = second;
    $("clock").textContent = clock(second);
    const word = page.state.wordAt(second);
    if (!word) return;
    page.text.paint("heard", word);
    const article = page.text.articles[word.turn];
    if (article === this.turn && article.classList.contains("heard")) return;
    this.turn?.classList.remove("heard");
    article.classList.add("heard");
    this.turn = article;
    if (this.resume === second) article.scrollIntoView({ block: "nearest" });
  }

  close() { this.player.close(); }
}
