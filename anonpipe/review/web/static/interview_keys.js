// The keyboard and the mouse on the text. Single letters act only while the text or the side panel
// has the focus, and can be switched off in the help (WCAG 2.1.4).

import { shortcuts } from "./common.js";

const $ = (id) => document.getElementById(id);

export function bindKeys(page) {
  const { text, listening, card } = page;
  const inText = () => $("text").contains(document.activeElement);
  const onRadio = () => document.activeElement?.matches?.("input, select");
  const nowhere = () => document.activeElement === document.body || document.activeElement === $("main");
  const there = () => nowhere() || inText() || $("side").contains(document.activeElement);
  const free = () => there() && !card.form;
  const beside = () => free() && !inText() && !onRadio();
  const answer = (which) => () => {
    take();
    const turn = text.turnOf(document.activeElement);
    // In another turn than that of the card, it is shown first what would be answered.
    if (page.place && inText() && turn !== page.place.turn) page.choose(page.place, { hear: false });
    else page.deciding.answer(which);
  };
  const open = (name) => () => page.deciding.after(() => {
    if (card.form) return;
    take();
    const turn = text.turnOf(document.activeElement);
    const words = ["word", "generalise"].includes(name);
    if (words && text.selected()) page.opening.select(text.selected(), name);
    // In a turn that is not the place's, the words are looked for first.
    else if (words && turn !== null && turn !== page.place?.turn) page.opening.add();
    else page.opening.open(name);
  });
  const scope = (value) => () => { card.scopes.value = value; card.rescope(); };
  const views = ["raw", "coded", "both"];

  /** In the text, a letter is about the mention that has the focus. */
  function take() {
    const place = placeOf(document.activeElement);
    if (place) page.choose(place, { focus: false, hear: false, how: null });
  }

  function show(view) {
    for (const button of $("views").querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    text.show(view);
  }

  function turn(step) {
    const at = text.turnOf(document.activeElement) ?? page.place?.turn ?? 0;
    const to = Math.min(text.articles.length - 1, Math.max(0, at + step));
    text.focusTurn(to);
  }

  function mention(step) {
    const span = text.beside(document.activeElement, step);
    if (!span) return;
    text.rove(span);
    span.focus();
    span.scrollIntoView({ block: "nearest" });
  }

  function press(event) {
    const place = placeOf(event.target);
    if (place) page.choose(place, { focus: false, hear: true, how: null });
    else if (inText()) listening.from(page.state.turns[text.turnOf(event.target) ?? 0].start);
    else page.play(false);
  }

  function escape() {
    if (listening.player.playing) listening.player.stop();
    else if (card.form) page.opening.close();
    else card.focus();
  }

  // The help lists the last ones first.
  shortcuts("iv.keys_hear", [
    { keys: [" "], says: "iv.key.hear", when: free, run: press },
    { keys: ["Enter"], says: "iv.key.press", when: () => inText() && placeOf(document.activeElement), run: press },
    { keys: ["b"], says: "iv.key.hear_covered", when: free, run: () => { take(); page.play(true); } },
    { keys: ["p"], says: "iv.key.play", when: free, run: () => { listening.resume = undefined; listening.toggle(); } },
    { keys: ["+"], says: "iv.key.faster", when: free, run: () => listening.faster(1) },
    { keys: ["-"], says: "iv.key.slower", when: free, run: () => listening.faster(-1) },
  ]);
  shortcuts("iv.keys_move", [
    { keys: ["ArrowDown"], says: "iv.key.next", when: beside, run: () => page.move(1) },
    { keys: ["ArrowUp"], says: "iv.key.previous", when: beside, run: () => page.move(-1) },
    { keys: ["l"], says: "iv.key.to_text", when: free, run: () => toText() },
    { keys: ["ArrowDown"], says: "iv.key.turn_down", when: inText, run: () => turn(1) },
    { keys: ["ArrowUp"], says: "iv.key.turn_up", when: inText, run: () => turn(-1) },
    { keys: ["ArrowRight"], says: "iv.key.mention_right", when: inText, run: () => mention(1) },
    { keys: ["ArrowLeft"], says: "iv.key.mention_left", when: inText, run: () => mention(-1) },
    { keys: ["v"], says: "iv.key.view", when: free, run: () => page.state.raw && show(views[(views.indexOf(text.view) + 1) % 3]) },
    { keys: ["Escape"], says: "iv.key.escape", when: there, run: escape },
  ]);
  shortcuts("iv.keys", [
    { keys: ["j", "y"], says: "iv.key.yes_says", when: free, run: answer("yes") },
    { keys: ["n"], says: "iv.key.no_says", when: free, run: answer("no") },
    { keys: ["1"], says: "iv.scope.here", when: free, run: scope("here") },
    { keys: ["2"], says: "iv.scope.source", when: free, run: scope("source") },
    { keys: ["3"], says: "iv.scope.study", when: free, run: scope("study") },
    { keys: ["t"], says: "iv.act.type", when: free, run: open("type") },
    { keys: ["k", "c"], says: "iv.act.code", when: free, run: open("code") },
    { keys: ["s"], says: "iv.act.split", when: free, run: answer("split") },
    { keys: ["m"], says: "iv.act.merge", when: free, run: open("merge") },
    { keys: ["e"], says: "iv.act.extent", when: free, run: open("extent") },
    { keys: ["g"], says: "iv.act.generalise", when: free, run: open("generalise") },
    { keys: ["o", "w"], says: "iv.act.word", when: free, run: open("word") },
    { keys: ["a"], says: "iv.act.add_words", when: free, run: () => page.deciding.after(() => { if (!card.form) { take(); page.opening.add(); } }) },
    { keys: ["u", "Ctrl+z"], says: "iv.key.undo", when: free, run: () => page.deciding.after(() => page.deciding.undo()) },
    { keys: ["x"], says: "iv.to_signing", when: () => free() && page.state.raw, run: () => $("sign").click() },
  ]);

  function toText() {
    const span = page.place && text.spans(page.place)[0];
    if (span) {
      text.rove(span);
      span.focus();
    } else text.focusTurn(page.place?.turn ?? 0);
  }

  // In a form, Escape closes it from its fields, too.
  $("card").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !card.form) return;
    event.preventDefault();
    page.opening.close();
  });

  // Browsers select no text from within an element that takes the focus: it takes it on the click.
  let held = null;
  $("text").addEventListener("mousedown", (event) => {
    held = event.target.closest(".m");
    held?.removeAttribute("tabindex");
  });
  document.addEventListener("mouseup", () => {
    if (held) held.tabIndex = -1;
    held = null;
  });
  $("text").addEventListener("click", (event) => {
    const place = placeOf(event.target);
    if (place && document.getSelection().isCollapsed) {
      event.target.closest(".m").focus({ preventScroll: true });
      page.choose(place, { focus: false, hear: true, how: null });
    } else if (event.target.closest(".at")) {
      listening.from(page.state.turns[text.turnOf(event.target)].start);
    }
  });
  document.addEventListener("pointerup", (event) => {
    if (event.button !== 0 || !event.target.closest?.("#text")) return;
    // The selection is what it will be only after this event.
    setTimeout(() => {
      const selected = text.selected();
      if (selected) page.opening.select(selected);
    });
  });
  $("text").addEventListener("focusin", (event) => {
    const item = event.target.closest(".m, article");
    if (!item) return;
    text.rove(item);
    // Not behind what stands at the edges of the window.
    if (item.matches(":focus-visible")) item.scrollIntoView({ block: "nearest" });
  });
  $("views").addEventListener("click", (event) => {
    const { view } = event.target.closest("[data-view]")?.dataset ?? {};
    if (view) show(view);
  });
  $("speakers").addEventListener("click", () => page.opening.open("speakers"));
  $("undo").addEventListener("click", () => page.deciding.undo());
  $("order").addEventListener("change", () => {
    page.state.order = $("order").value;
    page.state.sort();
    page.update();
    card.show(page.place);
  });
}

/** The place that an element of the text stands for; null for others. */
function placeOf(element) {
  const id = element?.closest?.(".m")?.dataset.place;
  if (!id) return null;
  const [turn, start, end] = id.split(":").map(Number);
  return { turn, start, end };
}
