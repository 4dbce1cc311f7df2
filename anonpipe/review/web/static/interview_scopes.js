// Where a decision counts: here, in this interview or in the whole study, each with the number of
// places that it would touch, asked of the server before anything is decided.

import { make, post, say, sayNumber } from "./common.js";

const SCOPES = ["here", "source", "study"];
const REST_MS = 140;
let made = 0;

export class Scopes {
  /** `ask(requests)` gives their effects; `changed()` is called when another scope is chosen. Their
      `keys` are shown only where they act: in a form, digits are written. */
  constructor(ask, changed = () => {}, keys = true) {
    this.ask = ask;
    this.only = SCOPES;
    const name = `scope-${(made += 1)}`;
    this.inputs = {};
    this.counts = {};
    const rows = SCOPES.map((scope, number) => {
      this.inputs[scope] = make("input", { type: "radio", name, value: scope, onchange: changed });
      this.counts[scope] = make("span", { class: "count" });
      return make("label", { class: "scope" }, this.inputs[scope],
        make("span", { class: "what" }, say(`iv.scope.${scope}`)),
        keys ? make("kbd", { "aria-hidden": "true" }, String(number + 1)) : null, this.counts[scope]);
    });
    this.element = make("fieldset", { class: "scopes" }, make("legend", { class: "small" }, say("iv.scope")), make("div", { class: "row3" }, ...rows));
    this.value = "here";
  }

  get value() { return SCOPES.find((scope) => this.inputs[scope].checked); }

  set value(scope) {
    const possible = this.only.includes(scope) ? scope : this.only[0];
    if (possible) this.inputs[possible].checked = true;
  }

  /** Only these scopes make sense for what is being decided. */
  restrict(only) {
    this.only = only;
    for (const scope of SCOPES) this.inputs[scope].closest("label").hidden = !only.includes(scope);
    this.element.hidden = only.length === 0;
    if (only.length && !only.includes(this.value)) this.value = only[0];
  }

  /** What is being counted is not shown any more. */
  cancel() { this.turn = (this.turn ?? 0) + 1; }

  /** Count anew; `lists` are functions from a scope to a request, the first is shown here.
      Gives the effects by scope, one a list, once they are known; null if asked again since. */
  async count(...lists) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    for (const scope of SCOPES) this.counts[scope].textContent = "";
    await new Promise((wake) => setTimeout(wake, REST_MS));
    if (turn !== this.turn || !this.only.length) return null;
    const requests = this.only.flatMap((scope) => lists.map((list) => list(scope)));
    const known = requests.filter(Boolean);
    if (!known.length) return null;
    const effects = await this.ask(known).catch(() => null);
    if (turn !== this.turn || effects === null) return null;
    const left = [...effects];
    const found = {};
    for (const [at, request] of requests.entries()) {
      const scope = this.only[Math.floor(at / lists.length)];
      (found[scope] ??= []).push(request ? left.shift() : null);
    }
    for (const scope of this.only) {
      const [effect] = found[scope];
      this.counts[scope].textContent = effect ? places(effect) : "–";
    }
    return found;
  }
}

/** «4 steder i 2 kilder», those in finished transcripts among them. */
export function places({ total, final, sources }) {
  const count = sayNumber("iv.places", total + final);
  return sources > 1 ? say("iv.places_in", { places: count, n: sources }) : count;
}

/** Asks for effects and remembers those of the version at hand. */
export function previews(state) {
  let version = null;
  let known = new Map();
  return async (requests) => {
    if (version !== state.version) {
      version = state.version;
      known = new Map();
    }
    const keys = requests.map((request) => JSON.stringify(request));
    const missing = keys.map((key, at) => [key, requests[at]]).filter(([key]) => !known.has(key));
    if (missing.length) {
      const asked = version;
      const path = `/api/interviews/${state.source}/preview`;
      const { effects } = await post(path, { requests: missing.map(([, request]) => request) });
      if (asked === version) missing.forEach(([key], at) => known.set(key, effects[at]));
      else return effects.length === keys.length ? effects : keys.map(() => null);
    }
    return keys.map((key) => known.get(key));
  };
}
