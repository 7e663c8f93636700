// What slides over a phone: the sheet of a list message, and the menu of a bubble.

import * as api from "/static/api.js";
import { element, icon } from "/static/format.js";

const FACES = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
let sheets = 0;

// The rows of a list message: choose one, then send.
export function openList(view, bubble, opener) {
  const name = `choice-${(sheets += 1)}`;
  const title = element("h4", { id: `${name}-title` }, bubble.list_button);
  const shut = element("button", { type: "button", className: "icon", "aria-label": "Fechar" }, icon("close"));
  const rows = element("div", { className: "rows", role: "radiogroup", "aria-labelledby": title.id });
  let section = null;
  bubble.options.forEach((option, index) => {
    if (option.section && option.section !== section) rows.append(element("h5", {}, option.section));
    section = option.section;
    const words = element("span", {}, option.title, option.description ? element("small", {}, option.description) : null);
    rows.append(element("label", {}, words, element("input", { type: "radio", name, value: String(index) })));
  });
  const send = element("button", { type: "submit", className: "pill solid", disabled: true }, "Enviar");
  const form = element("form", { className: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": title.id },
    element("header", {}, shut, title), rows, element("footer", {}, send));
  const close = cover(view, form, () => (opener.isConnected ? opener : view.log.querySelector(`[data-id="${CSS.escape(bubble.id)}"] .action`)));
  rows.addEventListener("change", () => { send.disabled = false; });
  shut.addEventListener("click", close);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form).get(name);
    if (chosen === null) return;
    close();
    view.guard(api.tap(view.phone.id, bubble.id, Number(chosen)));
  });
  rows.querySelector("input").focus();
}

function cover(view, form, whereFrom) {
  const { veil, root } = view;
  const rest = [...root.children].filter((child) => child !== veil);
  veil.replaceChildren(form);
  veil.hidden = false;
  for (const child of rest) child.inert = true;
  const leave = (event) => { if (event.target === veil) close(); };
  const escape = (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } };
  function close() {
    veil.hidden = true;
    veil.replaceChildren();
    veil.removeEventListener("pointerdown", leave);
    veil.removeEventListener("keydown", escape);
    for (const child of rest) child.inert = false;
    (whereFrom() ?? view.input).focus({ preventScroll: true });
  }
  veil.addEventListener("pointerdown", leave);
  veil.addEventListener("keydown", escape);
  return close;
}

// Reactions, answer, copy.
export function openMenu(view, bubble, item, opener) {
  document.querySelector(".react")?.dispatchEvent(new Event("shut"));
  const menu = element("div", { className: "react", role: "menu", "aria-label": "Reagir ou responder" });
  const faces = element("div", { className: "faces" });
  const rest = element("div", { className: "more-actions" });
  for (const face of FACES) {
    const on = bubble.reactions.customer === face;
    const button = element("button", { type: "button", role: "menuitemradio", "aria-checked": String(on), "aria-label": `Reagir com ${face}` }, face);
    button.addEventListener("click", () => { close(); view.guard(api.react(view.phone.id, bubble.id, on ? "" : face)); });
    faces.append(button);
  }
  const add = (label, run) => {
    const button = element("button", { type: "button", role: "menuitem" }, label);
    button.addEventListener("click", () => { close(); run(); });
    rest.append(button);
  };
  add("Responder", () => view.quote(bubble));
  add("Copiar", () => view.guard(navigator.clipboard.writeText(bubble.text)));
  if (bubble.by === "bot") menu.append(faces);
  menu.append(rest);
  view.root.append(menu);
  place(view, menu, item);
  opener?.setAttribute?.("aria-expanded", "true");
  const outside = (event) => { if (!menu.contains(event.target)) close(); };
  const keys = (event) => {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus(); }
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); close(); opener?.focus?.({ preventScroll: true }); }
  };
  function close() {
    menu.remove();
    opener?.removeAttribute?.("aria-expanded");
    document.removeEventListener("pointerdown", outside, true);
    view.log.removeEventListener("scroll", close);
  }
  menu.addEventListener("shut", close);
  menu.addEventListener("keydown", keys);
  document.addEventListener("pointerdown", outside, true);
  view.log.addEventListener("scroll", close, { once: true });
  menu.querySelector("button").focus({ preventScroll: true });
}

function place(view, menu, item) {
  const frame = view.root.getBoundingClientRect();
  const at = item.getBoundingClientRect();
  const edge = view.root.clientLeft;
  const left = (item.classList.contains("customer") ? at.right - menu.offsetWidth : at.left) - frame.left - edge;
  const above = at.top - frame.top - edge - menu.offsetHeight - 6;
  const top = above > 84 ? above : Math.min(at.bottom - frame.top - edge + 6, view.root.clientHeight - menu.offsetHeight - 70);
  menu.style.left = `${Math.max(8, Math.min(left, view.root.clientWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${top}px`;
}
