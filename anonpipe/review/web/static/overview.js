/* Moving through the list by keys; the browser's own Enter opens the link that has the focus. */

import { attempt, get, shortcuts } from "/static/common.js";

const links = [...document.querySelectorAll(".source .open")];

function move(step) {
  const here = document.activeElement?.closest(".source")?.querySelector(".open");
  const at = links.indexOf(here);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[next]?.focus();
}

/** Have one source after the other read for its questions, and show how far one is. */
async function readAll() {
  for (const cell of document.querySelectorAll("[data-read]")) {
    if ((await attempt(() => get(cell.dataset.read))) === undefined) return;
    const answer = await attempt(() => get("/"));
    if (answer === undefined) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of [cell.id, "hero"]) {
      const [old, made] = [document.getElementById(id), fresh.getElementById(id)];
      if (old === null || made === null) return; // the review has ended
      if (old.outerHTML === made.outerHTML) continue;
      const focused = old.contains(document.activeElement);
      old.replaceWith(made);
      if (focused) made.querySelector("a")?.focus();
    }
  }
}
readAll();

if (links.length > 0) {
  shortcuts("overview.keys", [
    { keys: ["j", "ArrowDown"], says: "overview.key.next", run: () => move(1) },
    { keys: ["k", "ArrowUp"], says: "overview.key.previous", run: () => move(-1) },
    // Enter is the link's own; it stands here to be shown.
    { keys: ["Enter"], says: "overview.key.open", run: () => {}, when: () => false },
  ]);
}
