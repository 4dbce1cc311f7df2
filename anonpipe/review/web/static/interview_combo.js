// A field that filters a list: the ARIA combobox pattern with a list that is always shown.

import { make, say } from "./common.js";

let made = 0;

const SHOWN = 60; // options at once; whoever has more types a letter

export class Combo {
  /**
   * `options` are {value, label, hint, type}; `free` turns what was typed into an option;
   * `changed(option)` is called for each that becomes the active one, `chosen(option)` when it is
   * taken with Enter.
   */
  constructor({ label, options, value, free, changed, chosen }) {
    this.id = `combo-${(made += 1)}`;
    Object.assign(this, { options, free, changed, chosen });
    this.input = make("input", {
      type: "text", id: this.id, autocomplete: "off", spellcheck: "false", role: "combobox",
      "aria-expanded": "true", "aria-autocomplete": "list", "aria-controls": `${this.id}-list`,
    });
    this.list = make("ul", { id: `${this.id}-list`, class: "options", role: "listbox", "aria-label": label });
    this.element = make(
      "div", { class: "combo" },
      make("label", { for: this.id, class: "small" }, label), this.input, this.list,
    );
    this.input.addEventListener("input", () => this.filter());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (!item?.dataset.at) return;
      this.activate(Number(item.dataset.at)); // The form has a button that saves.
    });
    this.filter(value);
  }

  get active() { return this.shown[this.at]; }

  replace(options) {
    const value = this.active?.value;
    this.options = options;
    this.filter(this.input.value ? value : undefined);
  }

  filter(value) {
    const typed = fold(this.input.value);
    const found = this.options.filter((o) => fold(`${o.label} ${o.hint ?? ""}`).includes(typed));
    this.shown = found.slice(0, SHOWN);
    const free = this.input.value.trim();
    if (this.free && free && !found.some((o) => fold(o.label) === typed)) this.shown.push(this.free(free));
    this.list.replaceChildren(
      ...this.shown.map((option, at) =>
        make(
          "li", { id: `${this.id}-${at}`, role: "option", "data-at": String(at), "data-type": option.type },
          make("span", { class: "code" }, option.label),
          option.hint ? make("span", { class: "hint" }, option.hint) : null,
        ),
      ),
    );
    if (!this.shown.length) this.list.append(make("li", { class: "none", role: "option", "aria-disabled": "true" }, say("iv.no_match")));
    const at = this.shown.findIndex((option) => option.value === value);
    this.activate(Math.max(0, at));
  }

  activate(at) {
    this.at = at;
    for (const [number, item] of [...this.list.children].entries()) {
      item.setAttribute("aria-selected", String(number === at && this.active !== undefined));
    }
    const item = this.active && this.list.children[at];
    if (item) {
      this.input.setAttribute("aria-activedescendant", item.id);
      if (item.isConnected) item.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
    this.changed?.(this.active);
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
    if (step && this.shown.length) {
      const last = this.shown.length - 1;
      const one = Math.abs(step) === 1;
      const to = one ? (this.at + step + last + 1) % (last + 1) : Math.min(last, Math.max(0, this.at + step));
      this.activate(to);
      event.preventDefault();
    } else if (event.key === "Enter" && this.active && !event.isComposing) {
      this.chosen(this.active);
      event.preventDefault();
    }
  }
}

/** Letters without case and accents, so that «o» does not find «ø» but «e» finds «é». */
const fold = (text) =>
  text.toLocaleLowerCase().normalize("NFD").replace(/(?<=[a-z])[\u0300\u0301\u0302]/g, "").normalize("NFC").trim();
