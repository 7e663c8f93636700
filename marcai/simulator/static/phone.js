// One customer's phone: header, conversation, composer.

import * as api from "/static/api.js";
import { face, render, summary } from "/static/bubble.js";
import { dayKey, dayName, element, icon, initials, number } from "/static/format.js";
import { openList, openMenu } from "/static/sheet.js";

const NEAR = 80; // pixels from the end that still count as being at the end

export class PhoneView {
  constructor(phone, { onHide, onFocus, now }) {
    this.phone = phone;
    this.now = now;
    this.unseen = 0;
    this.root = document.querySelector("#t-phone").content.firstElementChild.cloneNode(true);
    const find = (selector) => this.root.querySelector(selector);
    this.log = find(".log");
    this.input = find("textarea");
    this.sendButton = find(".send");
    this.veil = find(".veil");
    this.latest = find(".latest");
    this.attachments = find(".attachments");
    this.attach = find(".attach");
    this.quoting = find(".quoting");
    this.replyTo = null;
    for (const selector of [".hide", ".back"]) find(selector).addEventListener("click", onHide);
    this.root.addEventListener("focusin", onFocus);
    find("form").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    });
    this.input.addEventListener("input", () => this.resize());
    this.attach.addEventListener("click", () => this.showAttachments(this.attachments.hidden));
    this.attachments.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) { this.showAttachments(false); this.send({ type: button.dataset.kind }); this.input.focus(); }
    });
    this.attachments.addEventListener("keydown", (event) => this.moveInMenu(event));
    this.quoting.querySelector("button").addEventListener("click", () => this.quote(null));
    this.pinned = true; // stay at the end while things grow
    this.log.addEventListener("scroll", () => this.noteScroll());
    for (const name of ["load", "error"]) this.log.addEventListener(name, () => this.settle(), true);
    new ResizeObserver(() => this.settle()).observe(this.log);
    this.latest.addEventListener("click", () => this.toEnd(true));
    this.log.addEventListener("contextmenu", (event) => this.contextMenu(event));
    this.longPress();
    this.act = {
      tap: (bubble, index) => this.guard(api.tap(phone.id, bubble.id, index)),
      openList: (bubble, button) => openList(this, bubble, button),
      shareLocation: (bubble) => this.send({ type: "location", name: "Estou aqui", context: bubble.id }),
      menu: (bubble, item, opener) => openMenu(this, bubble, item, opener),
      goTo: (id) => this.goTo(id),
    };
    this.refresh();
    this.rebuild();
    this.resize();
  }

  // --- what is shown

  refresh() {
    const { phone, root } = this;
    root.querySelector(".name").textContent = phone.name;
    root.querySelector(".number").textContent = phone.number ? number(phone.number) : `@${phone.username}`;
    root.querySelector("h3").textContent = phone.business.name;
    root.setAttribute("aria-label", `Celular de ${phone.name}, conversa com ${phone.business.name}`);
    root.querySelector(".avatar").textContent = initials(phone.business.name);
    const presence = root.querySelector(".presence");
    presence.textContent = phone.typing ? "digitando…" : "online";
    presence.classList.toggle("typing", phone.typing);
    this.dots ??= element("div", { className: "typing-dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    if (!phone.typing) this.dots.remove();
    else if (!this.dots.isConnected) { const end = this.atEnd(); this.log.append(this.dots); if (end) this.toEnd(); }
  }

  rebuild() {
    this.log.replaceChildren();
    this.last = null;
    for (const bubble of this.phone.bubbles) this.append(bubble);
    this.refresh();
    this.toEnd();
  }

  append(bubble) {
    const zone = this.phone.business.timezone;
    if (!this.last || dayKey(this.last.at, zone) !== dayKey(bubble.at, zone)) {
      this.log.append(element("div", { className: "chip" }, dayName(bubble.at, zone, this.now())));
      this.last = null;
    }
    this.log.append(render(bubble, this.phone, this.act, !this.last || this.last.by !== bubble.by));
    this.last = bubble;
    if (this.dots?.isConnected) this.log.append(this.dots);
  }

  show(bubble) {
    const old = this.log.querySelector(`[data-id="${CSS.escape(bubble.id)}"]`);
    const end = this.atEnd();
    if (old?.dataset.face === face(bubble)) return;
    if (old) {
      const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("button, a")].indexOf(document.activeElement) : -1;
      const fresh = render(bubble, this.phone, this.act, old.classList.contains("first"));
      old.replaceWith(fresh);
      if (focused >= 0) fresh.querySelectorAll("button, a")[focused]?.focus({ preventScroll: true });
    } else {
      this.append(bubble);
      if (!end && bubble.by === "bot") this.unseen += 1;
    }
    if (end || (!old && bubble.by === "customer")) this.toEnd();
    this.noteScroll();
  }

  atEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR; }

  toEnd(focus = false) {
    this.pinned = true;
    this.log.scrollTop = this.log.scrollHeight;
    if (focus) this.input.focus();
  }

  settle() { if (this.pinned) this.toEnd(); }

  noteScroll() {
    this.pinned = this.atEnd();
    if (this.pinned) this.unseen = 0;
    this.latest.hidden = this.atEnd();
    this.latest.querySelector("span").textContent = this.unseen || "";
  }

  goTo(id) {
    const item = this.log.querySelector(`[data-id="${CSS.escape(id)}"]`);
    item?.scrollIntoView({ block: "center", behavior: "smooth" });
    item?.focus({ preventScroll: true });
  }

  // --- what the customer does

  guard(promise) { return promise.catch(api.complain); }

  async send(content) {
    const context = this.replyTo?.id;
    this.quote(null);
    await this.guard(api.send(this.phone.id, context ? { context, ...content } : content));
  }

  submit() {
    const text = this.input.value.trim();
    if (text) this.send({ type: "text", text });
    else this.send({ type: "audio" });
    this.input.value = "";
    this.resize();
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    const hasText = Boolean(this.input.value.trim());
    this.sendButton.setAttribute("aria-label", hasText ? "Enviar" : "Gravar áudio");
    this.sendButton.replaceChildren(icon(hasText ? "send" : "mic"));
  }

  quote(bubble) {
    this.replyTo = bubble;
    this.quoting.hidden = !bubble;
    if (bubble) {
      this.quoting.querySelector("p").textContent = summary(bubble);
      this.input.focus();
    }
  }

  showAttachments(on) {
    this.attachments.hidden = !on;
    this.attach.setAttribute("aria-expanded", String(on));
    if (on) this.attachments.querySelector("button").focus();
  }

  moveInMenu(event) {
    const items = [...this.attachments.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); items[(at + step + items.length) % items.length].focus(); }
    if (event.key === "Escape") { this.showAttachments(false); this.attach.focus(); }
  }

  bubbleAt(node) {
    const item = node.closest?.(".msg");
    const bubble = item && this.phone.bubbles.find((one) => one.id === item.dataset.id);
    return bubble ? { item, bubble } : null;
  }

  contextMenu(event) {
    const found = event.target.closest("a") ? null : this.bubbleAt(event.target);
    if (!found || getSelection()?.toString()) return;
    event.preventDefault();
    openMenu(this, found.bubble, found.item, document.activeElement);
  }

  longPress() {
    let waiting;
    const stop = () => clearTimeout(waiting);
    this.log.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch") return;
      const found = this.bubbleAt(event.target);
      if (found) waiting = setTimeout(() => openMenu(this, found.bubble, found.item, null), 500);
    });
    for (const name of ["pointerup", "pointercancel", "pointermove"]) this.log.addEventListener(name, stop);
  }
}
