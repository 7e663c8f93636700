// The page: customers on the left, their phones side by side, kept up to date by the stream of events.

import * as api from "/static/api.js";
import { summary } from "/static/bubble.js";
import { setUp, suggestion } from "/static/customer.js";
import { Drawer } from "/static/drawer.js";
import { hue, initials, time } from "/static/format.js";
import { PhoneView } from "/static/phone.js";

const stage = document.querySelector(".phones");
const chats = document.querySelector(".chats ul");
const phones = new Map(); // id -> phone with bubbles
const views = new Map(); // id -> PhoneView, only those on the screen
const state = { lines: [], failures: [], held: 0, holding: "nothing", clock: { offset_seconds: 0, shared_offset_seconds: 0 } };
let open = JSON.parse(sessionStorage.getItem("open") ?? "[]"); // ids on the screen, left to right
let used = []; // ids, most recently used last
let skew = 0;

const model = {
  state,
  phones: () => [...phones.values()],
  phone: (id) => phones.get(id),
  lines: () => state.lines,
  findLines: async () => { state.lines = await api.call("GET", "/lines").catch(() => state.lines); },
  focused: () => used.at(-1) ?? open[0],
};
const narrow = () => innerWidth < 720;
const now = () => new Date(Date.now() + skew).toISOString();
const drawer = new Drawer(model, () => layout());
const askCustomer = setUp(model, (phone) => { adopt(phone); show(phone.id); });
document.querySelector("#new-customer").addEventListener("click", askCustomer);
addEventListener("resize", () => layout());

function adopt(phone) {
  const known = phones.get(phone.id) ?? { bubbles: [], unread: 0 };
  const merged = Object.assign(known, phone);
  merged.bubbles = phone.bubbles ?? known.bubbles;
  merged.find = (id) => merged.bubbles.find((bubble) => bubble.id === id);
  phones.set(phone.id, merged);
  return merged;
}

// --- which phones are on the screen

function slots() {
  if (narrow()) return 1;
  return Math.max(1, Math.min(4, Math.floor((innerWidth - 288 - drawer.width - 24) / 364)));
}

function touch(id) { used = [...used.filter((one) => one !== id), id]; }

function show(id) {
  touch(id);
  if (!open.includes(id)) {
    if (open.length < slots()) open.push(id);
    else open[open.indexOf(open.reduce((a, b) => (used.indexOf(a) <= used.indexOf(b) ? a : b)))] = id; // the longest unused
  }
  document.body.dataset.view = "chat";
  layout();
  if (!narrow()) views.get(id)?.input.focus();
}

function hide(id) {
  if (!narrow()) open = open.filter((one) => one !== id);
  document.body.dataset.view = "list";
  layout();
  chats.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus();
}

function layout() {
  open = open.filter((id) => phones.has(id));
  let visible = open;
  const room = slots();
  if (open.length > room) {
    const kept = new Set([...open].sort((a, b) => used.indexOf(b) - used.indexOf(a)).slice(0, room));
    visible = open.filter((id) => kept.has(id));
  }
  for (const [id, view] of views) if (!visible.includes(id)) { view.root.remove(); views.delete(id); }
  visible.forEach((id, index) => {
    let view = views.get(id);
    if (!view) {
      view = new PhoneView(phones.get(id), { onHide: () => hide(id), onFocus: () => focused(id), now });
      views.set(id, view);
    }
    if (stage.children[index] !== view.root) stage.insertBefore(view.root, stage.children[index] ?? null);
    view.resize();
    view.settle();
    phones.get(id).unread = 0;
  });
  stage.querySelector(".empty")?.remove();
  if (!visible.length) stage.append(empty());
  document.body.toggleAttribute("data-empty", !phones.size);
  sessionStorage.setItem("open", JSON.stringify(open));
  drawChats();
  drawer.refresh();
}

function focused(id) {
  if (used.at(-1) === id) return;
  touch(id);
  drawer.refresh();
}

function empty() {
  const node = document.querySelector("#t-empty").content.firstElementChild.cloneNode(true);
  if (phones.size) {
    node.querySelector("h2").textContent = "Escolha um cliente";
    node.querySelector("p").textContent = "As conversas abertas aparecem aqui, lado a lado.";
    return node;
  }
  for (let index = 0; index < 3; index += 1) {
    const made = suggestion([], index);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pill";
    button.textContent = made.name;
    button.addEventListener("click", () => api.call("POST", "/phones", made).then((phone) => { adopt(phone); show(phone.id); }).catch(api.complain));
    node.querySelector(".quick").append(button);
  }
  return node;
}

// --- the list of customers

function drawChats() {
  const focusedId = document.activeElement?.dataset?.id;
  const latest = (phone) => phone.bubbles.at(-1)?.at ?? "9";
  const sorted = [...phones.values()].sort((a, b) => latest(b).localeCompare(latest(a)));
  chats.replaceChildren(...sorted.map((phone) => {
    const item = document.querySelector("#t-chat").content.firstElementChild.cloneNode(true);
    const button = item.firstElementChild;
    const last = phone.bubbles.at(-1);
    button.dataset.id = phone.id;
    button.setAttribute("aria-pressed", String(views.has(phone.id) && !narrow()));
    const face = button.querySelector(".avatar");
    face.textContent = initials(phone.name);
    face.style.setProperty("--hue", hue(phone.name));
    button.querySelector("b").textContent = phone.name;
    button.querySelector("small").textContent = last ? time(last.at, phone.business.timezone) : "";
    const preview = button.querySelector(".last");
    const author = last?.by === "customer" ? "Você: " : "";
    preview.textContent = phone.typing ? "digitando…" : last ? author + summary(last) : phone.business.name;
    preview.classList.toggle("typing", phone.typing);
    const unread = button.querySelector(".unread");
    unread.hidden = !phone.unread;
    unread.textContent = phone.unread;
    button.addEventListener("click", () => show(phone.id));
    return item;
  }));
  if (focusedId) chats.querySelector(`[data-id="${CSS.escape(focusedId)}"]`)?.focus();
}

// --- events

function snapshot(event) {
  skew = Date.parse(event.now) - Date.now();
  phones.clear();
  for (const phone of event.phones) adopt(phone);
  for (const view of views.values()) view.root.remove();
  views.clear();
  Object.assign(state, { lines: event.lines, failures: event.failures, held: event.held, holding: event.holding, clock: event.clock });
  drawer.clear();
  event.log.forEach((call) => drawer.refused(call));
  event.deliveries.forEach((record) => drawer.delivered(record));
  if (!open.some((id) => phones.has(id))) open = [...phones.keys()].slice(-slots());
  layout();
}

function bubbleCame({ bubble, phone: changed }) {
  const phone = phones.get(changed.id);
  if (!phone) return;
  adopt(changed);
  const at = phone.bubbles.findIndex((one) => one.id === bubble.id);
  if (at >= 0) phone.bubbles[at] = bubble; else phone.bubbles.push(bubble);
  const view = views.get(phone.id);
  view?.refresh();
  view?.show(bubble);
  const watching = view && !(narrow() && document.body.dataset.view === "list");
  if (at < 0 && bubble.by === "bot" && !watching) phone.unread += 1;
  drawChats();
  drawer.refresh();
}

const handlers = {
  snapshot,
  bubble: bubbleCame,
  phone({ phone }) {
    const fresh = !phones.has(phone.id);
    adopt(phone);
    if (fresh && open.length < slots() && !narrow()) { open.push(phone.id); layout(); }
    views.get(phone.id)?.refresh();
    drawChats();
    drawer.refresh();
  },
  lines(event) { state.lines = event.lines; },
  failures(event) { state.failures = event.failures; drawer.refresh(); },
  held(event) { state.held = event.held; state.holding = event.holding; drawer.refresh(); },
  clock(event) { state.clock = event.clock; skew = Date.parse(event.clock.now) - Date.now(); drawer.refresh(); },
  log(event) { drawer.refused(event.call); },
  delivery(event) { drawer.delivered(event.delivery); },
};

api.listen(
  (event) => handlers[event.type]?.(event),
  (connected) => { document.querySelector("#offline").hidden = connected; },
);
