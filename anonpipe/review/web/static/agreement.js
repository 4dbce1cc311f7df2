/* The button that copies a paragraph with its reference. */

import { say, toast } from "/static/common.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const from = document.getElementById(button.dataset.copy);
    const text = [...from.children].map((each) => each.textContent).join("\n\n");
    try {
      await navigator.clipboard.writeText(text);
      toast(say("agreement.copied"));
    } catch {
      getSelection().selectAllChildren(from);
      toast(say("agreement.not-copied"), { alert: true });
    }
  });
}
