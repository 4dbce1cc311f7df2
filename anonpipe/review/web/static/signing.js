/* Signing off: sends the signature, and shows how far the work is until it is done. */

import { get, make, post, say, Refused } from "/static/common.js";

const ASK_MS = 500;
const form = document.getElementById("form");
const course = document.getElementById("course");
const says = document.getElementById("says");
const share = document.getElementById("share");
const refused = document.getElementById("refused");

const wait = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** Show how far it is until `over()`; gives whether anything was at work when last asked. */
async function follow(source, over) {
  let busy = true;
  while (!over() && busy) {
    let now;
    try {
      now = await get(`/interviews/${source}/sign/progress`);
    } catch (error) {
      if (error instanceof Refused) return;
      throw error;
    }
    if (now.busy) {
      if (says.textContent !== now.says) says.textContent = now.says;
      if (now.share === null) share.removeAttribute("value");
      else share.value = now.share;
    } else if (over === never) {
      busy = false;
    }
    await wait(ASK_MS);
  }
}

const never = () => false;

/** Do long work: `path` with `body`; then go where the answer says, or show why not. */
async function work(source, path, body) {
  let done = false;
  follow(source, () => done);
  try {
    const { to } = await post(path, body);
    location.replace(to);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const again = make("a", { href: location.pathname }, say("sign.again"));
    refused.replaceChildren(`${error.message} `, again);
    refused.hidden = false;
    return false;
  } finally {
    done = true;
  }
  return true;
}

if (form !== null) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { source, shown } = form.dataset;
    refused.hidden = true;
    form.hidden = true;
    course.hidden = false;
    says.textContent = say("sign.stage.begin");
    const reviewer = document.getElementById("reviewer").value;
    if (!(await work(source, `/interviews/${source}/sign`, { reviewer, shown }))) {
      course.hidden = true;
      form.hidden = false;
      document.getElementById("do").focus();
    }
  });
} else if (course !== null && course.dataset.do === "prepare") {
  const { source } = course.dataset;
  if (!(await work(source, `/interviews/${source}/sign/prepare`, {}))) share.hidden = true;
} else if (course !== null) {
  // Another page began it.
  const { source } = course.dataset;
  await follow(source, never);
  const mine = location.pathname === `/interviews/${source}/sign`;
  location.replace(mine ? `/interviews/${source}/signed` : location.pathname);
}
