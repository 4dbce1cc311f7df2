/* Moving through the list by keys; the browser's own Enter opens the link that has the focus. */

import { shortcuts } from "/static/common.js";

const links = [...document.querySelectorAll(".source .open")];

function move(step) {
  const here = document.activeElement?.closest(".source")?.querySelector(".open");
  const at = links.indexOf(here);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[next]?.focus();
}

if (links.length > 0) {
  shortcuts("overview.keys", [
    { keys: ["j", "ArrowDown"], says: "overview.key.next", run: () => move(1) },
    { keys: ["k", "ArrowUp"], says: "overview.key.previous", run: () => move(-1) },
    // Enter is the link's own; it stands here to be shown.
    { keys: ["Enter"], says: "overview.key.open", run: () => {}, when: () => false },
  ]);
}
