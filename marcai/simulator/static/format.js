// Texts as WhatsApp shows them, and times as people say them. Builds nodes only: no text is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const RULES = [
  { pattern: /```([\s\S]+?)```/u, make: (m) => element("code", {}, m[1]) },
  { pattern: /`([^`\n]+)`/u, make: (m) => element("code", { className: "inline" }, m[1]) },
  { pattern: /\b(?:https?:\/\/|www\.)[^\s<>"]*[^\s<>"'.,;:!?)\]}*_~]/u, make: (m) => link(m[0]) },
  { pattern: /(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])/u, make: (m) => element("strong", {}, ...inline(m[1])) },
  { pattern: /(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^\s_])_(?![\p{L}\p{N}_])/u, make: (m) => element("em", {}, ...inline(m[1])) },
  { pattern: /(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^\s~])~(?![\p{L}\p{N}~])/u, make: (m) => element("s", {}, ...inline(m[1])) },
];

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key === "role" || key.startsWith("data-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function link(address) {
  const href = address.startsWith("www.") ? `https://${address}` : address;
  return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, address);
}

function inline(text) {
  let first = null;
  for (const rule of RULES) {
    const match = rule.pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { rule, match };
  }
  if (first === null) return text ? [text] : [];
  const { rule, match } = first;
  return [
    ...(match.index ? [text.slice(0, match.index)] : []),
    rule.make(match),
    ...inline(text.slice(match.index + match[0].length)),
  ];
}

// *bold* _italic_ ~strike~ `code` ```mono```, links, "> quotes" and "- lists".
export function formatted(text) {
  const nodes = [];
  let plain = [];
  const flush = () => { if (plain.length) nodes.push(...inline(plain.join("\n"))); plain = []; };
  const lines = text.split("\n");
  lines.forEach((line) => {
    const quote = /^> (.*)$/u.exec(line);
    if (quote) {
      flush();
      nodes.push(element("blockquote", {}, ...inline(quote[1])));
      return;
    }
    if (!plain.length && nodes.length && nodes.at(-1).nodeName !== "BLOCKQUOTE") nodes.push("\n");
    plain.push(line.replace(/^[-*] /u, "•  "));
  });
  flush();
  return nodes;
}

// The same text on one line, for previews.
export const plain = (text) => text.replace(/```|(?<![\p{L}\p{N}])[*_~](?=\S)|(?<=\S)[*_~](?![\p{L}\p{N}])/gu, "").replace(/\s+/gu, " ").trim();

const ONLY_EMOJI = /^(?:\p{RI}\p{RI}|\p{Emoji_Presentation}(?:\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic}|\ufe0f)*|\p{Extended_Pictographic}\ufe0f(?:\u200d\p{Extended_Pictographic}\ufe0f?)*){1,3}$/u;
export const isHuge = (text) => ONLY_EMOJI.test(text.replace(/\s/gu, ""));

export const time = (iso, zone) => new Intl.DateTimeFormat("pt-BR", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(iso));
export const dayKey = (iso, zone) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(iso));

export function dayName(iso, zone, now) {
  const day = dayKey(iso, zone);
  const today = dayKey(now, zone);
  if (day === today) return "Hoje";
  const days = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
  if (days === 1) return "Ontem";
  const options = days > 1 && days < 7 ? { weekday: "long" } : { day: "numeric", month: "long", year: "numeric" };
  const said = new Intl.DateTimeFormat("pt-BR", { ...options, timeZone: zone }).format(new Date(iso));
  return said[0].toUpperCase() + said.slice(1);
}

export function number(digits) {
  const parts = /^55(\d\d)(\d{4,5})(\d{4})$/u.exec(digits ?? "");
  return parts ? `+55 ${parts[1]} ${parts[2]}-${parts[3]}` : `+${digits}`;
}

export const initials = (name) => name.split(/\s+/u).filter((word) => /^\p{Lu}/u.test(word)).map((word) => word[0]).slice(0, 2).join("") || name.slice(0, 1).toUpperCase();
export const hue = (name) => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
