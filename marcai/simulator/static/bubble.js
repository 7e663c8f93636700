// One bubble of a conversation, as nodes.

import { element, formatted, icon, isHuge, plain, time } from "/static/format.js";

const STICKERS = ["😄", "💅", "💇‍♀️", "😍", "🥳"];
const TICKS = {
  sent: ["check", "", "enviada"],
  delivered: ["checks", "", "entregue"],
  read: ["checks", "seen", "lida"],
};
const KIND_NAMES = {
  image: "📷 Foto", audio: "🎤 Áudio", video: "🎥 Vídeo", sticker: "Figurinha", document: "📄 Documento", location: "📍 Localização",
  contacts: "👤 Contato", unsupported: "Enquete",
};

// What a list of chats or a quote says about a bubble.
export function summary(bubble) {
  const text = plain(bubble.text || "");
  const kind = KIND_NAMES[bubble.kind];
  return kind && (!text || bubble.kind === "location") ? kind : kind ? `${kind}: ${text}` : text;
}

// Two bubbles with the same face look the same: the customer does not see what the business's statuses are.
export const face = ({ by, status, error, reactions }) => JSON.stringify([by === "bot" ? status === "failed" : status, error, reactions]);

// `phone` gives business, find(id); `act` gives tap, openList, shareLocation, menu.
export function render(bubble, phone, act, first) {
  if (bubble.by === "system") return element("div", { className: "chip" }, bubble.text);
  const mine = bubble.by === "customer";
  const box = element("div", { className: "bubble" });
  const item = element("div", { className: `msg ${bubble.by} ${bubble.kind}${first ? " first" : ""}`, tabIndex: -1 });
  item.dataset.id = bubble.id;
  item.dataset.face = face(bubble);
  if (bubble.options.length || bubble.link || bubble.header?.media || bubble.kind === "location_request") item.classList.add("rich");
  item.append(element("span", { className: "sr" }, `${mine ? phone.name : phone.business.name}: `));
  const quoted = bubble.context ? phone.find(bubble.context) : null;
  if (quoted) box.append(quote(quoted, phone, act));
  box.append(...content(bubble, phone, act));
  item.append(box);
  const faces = [...new Set(Object.values(bubble.reactions))].join("");
  if (faces) item.append(element("span", { className: "reactions", "aria-label": `Reação: ${faces}`, role: "img" }, faces));
  if (bubble.status === "failed" && !mine) {
    item.classList.add("failed");
    item.append(element("span", { className: "why" }, `não entregue: ${bubble.error?.code ?? ""} ${bubble.error?.title ?? ""}`));
  }
  const more = element("button", { type: "button", className: "icon more", "aria-label": "Reagir ou responder", "aria-haspopup": "menu" }, icon("smile"));
  more.addEventListener("click", () => act.menu(bubble, item, more));
  box.append(more);
  return item;
}

function quote(quoted, phone, act) {
  const author = quoted.by === "customer" ? "Você" : phone.business.name;
  const node = element("button", { type: "button", className: "quote" }, element("b", {}, author), element("span", {}, summary(quoted)));
  node.addEventListener("click", () => act.goTo(quoted.id));
  return node;
}

function content(bubble, phone, act) {
  const parts = [];
  const header = bubble.header;
  if (header?.media) parts.push(media(header.media, bubble));
  if (header?.text) parts.push(element("div", { className: "title" }, header.text));
  if (bubble.kind === "unsupported") bubble = { ...bubble, text: "📊 Enquete" };
  const foot = meta(bubble, phone);
  if (bubble.kind === "sticker") return [element("div", { className: "art", role: "img", "aria-label": "Figurinha" }, sticker(bubble)), foot];
  if (bubble.kind === "audio") {
    return [element("div", { className: "voice", role: "img", "aria-label": "Áudio de sete segundos" }, icon("play"), element("i")), foot];
  }
  if (bubble.kind === "document" || bubble.kind === "contacts") {
    const name = bubble.kind === "document" ? bubble.text || "documento.pdf" : bubble.text.replace(/^Contato: /u, "");
    parts.push(element("div", { className: "filed" }, icon(bubble.kind === "document" ? "file" : "person"), name));
    parts.push(element("div", { className: "words" }, foot));
    return parts;
  }
  if (bubble.media && bubble.kind !== "tap") parts.push(media(bubble.media, bubble));
  const words = element("div", { className: `words${isHuge(bubble.text) ? " huge" : ""}` }, ...formatted(bubble.text || ""));
  if (bubble.kind === "tap" && bubble.media?.description) words.append(element("div", { className: "foot" }, bubble.media.description));
  if (bubble.footer) {
    parts.push(words, element("div", { className: "foot" }, bubble.footer, foot));
  } else {
    words.append(foot);
    parts.push(words);
  }
  const actions = buttons(bubble, act);
  if (actions.length) parts.push(element("div", { className: "actions" }, ...actions));
  return parts;
}

const sticker = (bubble) => STICKERS[bubble.seq % STICKERS.length];

function meta(bubble, phone) {
  const node = element("span", { className: "meta" }, element("time", { dateTime: bubble.at }, time(bubble.at, phone.business.timezone)));
  if (bubble.by === "customer") {
    const [name, className, label] = TICKS[bubble.status] ?? TICKS.sent;
    node.append(icon(name, className), element("span", { className: "sr ticks" }, `, ${label}`));
    node.title = `Mensagem ${label}`;
  }
  return node;
}

function buttons(bubble, act) {
  const make = (label, glyph, onClick) => {
    const button = element("button", { type: "button", className: "action" }, glyph ? icon(glyph) : null, label);
    button.addEventListener("click", () => onClick(button));
    return button;
  };
  if (bubble.kind === "list") return [make(bubble.list_button, "list", (button) => act.openList(bubble, button))];
  const made = bubble.options.map((option, index) => make(option.title, "reply", () => act.tap(bubble, index)));
  if (bubble.kind === "location_request") made.push(make("Enviar localização", "pin", () => act.shareLocation(bubble)));
  if (bubble.link) {
    made.unshift(element("a", { className: "action", href: bubble.link.url, target: "_blank", rel: "noopener noreferrer" }, icon("open"), bubble.link.title));
  }
  return made;
}

function media(content, bubble) {
  if (content.kind === "location") return element("div", { className: "media map", role: "img", "aria-label": "Mapa" }, icon("pin"));
  if (content.kind !== "image") return element("div", { className: "media missing" }, icon("file"), KIND_NAMES[content.kind] ?? "");
  if (bubble.by === "customer") return element("div", { className: "media picture", role: "img", "aria-label": "Foto" }, icon("picture"));
  const frame = element("div", { className: "media" });
  const picture = element("img", { src: content.url, alt: "Imagem", loading: "lazy" });
  picture.addEventListener("error", () => {
    frame.className = "media missing";
    frame.replaceChildren(icon("picture"), "imagem indisponível aqui");
  });
  frame.append(picture);
  return frame;
}
