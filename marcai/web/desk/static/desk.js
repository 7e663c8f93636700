// Keeps the attendants' page up to date, and sends without reloading. Without it every form still works.
"use strict";

const desk = document.getElementById("desk");
const conversation = desk.dataset.conversation;
const messages = document.getElementById("messages");
const title = document.title;
const EVERY = 2500;
let version = "";
let timer = 0;
let asking = false;

function atTheEnd() {
  return !messages || messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
}

function toTheEnd() {
  if (messages) messages.scrollTop = messages.scrollHeight;
}

function place(id, html) {
  const box = document.getElementById(id);
  if (!box || html === undefined || box.dataset.shown === html) return;
  const held = document.activeElement && box.contains(document.activeElement) ? document.activeElement : null;
  if (held && held.tagName === "SELECT") return; // somebody is choosing there: not under her hands
  const mark = held && (held.getAttribute("aria-label") || held.getAttribute("href") || held.textContent);
  box.innerHTML = html;
  box.dataset.shown = html;
  if (mark) {
    for (const one of box.querySelectorAll("a, button")) {
      if ((one.getAttribute("aria-label") || one.getAttribute("href") || one.textContent) === mark) { one.focus(); break; }
    }
  }
}

function placeMessages(html) {
  if (!messages || html === undefined) return;
  const follow = atTheEnd();
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  const known = new Map([...messages.querySelectorAll("article")].map((one) => [one.id, one]));
  const kept = [...fresh.children].map((one) => {
    const old = one.id && known.get(one.id);
    if (!old) return one;
    const ticks = one.querySelector(".meta");
    if (ticks && old.querySelector(".meta").innerHTML !== ticks.innerHTML) old.querySelector(".meta").innerHTML = ticks.innerHTML;
    return old;
  });
  const present = [...messages.children];
  if (kept.length !== present.length || kept.some((one, index) => one !== present[index] && one.tagName === "ARTICLE")) {
    messages.replaceChildren(...kept);
    if (follow) toTheEnd();
  }
}

async function refresh() {
  clearTimeout(timer);
  if (asking) return;
  asking = true;
  try {
    const seen = document.visibilityState === "visible" ? "1" : "0";
    const answer = await fetch(`/atendimento/estado?c=${conversation}&v=${version}&visivel=${seen}`, {
      headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (answer.status === 401) return location.assign("/atendimento/entrar");
    if (answer.ok) {
      const parts = await answer.json();
      version = parts.version;
      if (parts.gone) return location.assign("/atendimento");
      place("lists", parts.lists);
      place("head", parts.head);
      place("beside", parts.beside);
      placeMessages(parts.messages);
      if (parts.calls !== undefined) document.title = parts.calls ? `(${parts.calls}) ${title}` : title;
      if (parts.mine !== undefined && document.getElementById("write")) {
        for (const one of document.querySelectorAll("#write textarea, #write .send")) one.disabled = !parts.mine;
      }
    }
  } catch { /* away for a moment: the next time will tell */ } finally {
    asking = false;
    timer = setTimeout(refresh, EVERY);
  }
}

const write = document.getElementById("write");
if (write) {
  const text = write.querySelector("textarea");
  const problem = document.getElementById("problem");
  const grow = () => { text.style.height = "auto"; text.style.height = `${Math.min(text.scrollHeight + 2, 144)}px`; };
  const touch = matchMedia("(pointer: coarse)").matches;
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
      event.preventDefault();
      write.requestSubmit();
    }
  });
  for (const chip of write.querySelectorAll(".chip")) {
    chip.addEventListener("click", () => {
      text.value = text.value.trim() ? `${text.value.trim()} ${chip.dataset.text}` : chip.dataset.text;
      grow();
      text.focus();
    });
  }
  write.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim() || write.dataset.sending) return;
    write.dataset.sending = "1";
    problem.hidden = true;
    const body = new URLSearchParams(new FormData(write));
    try {
      const answer = await fetch(write.action, { method: "POST", body, credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": desk.dataset.csrf } });
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(said.error || "Não deu para enviar. Tente de novo.");
      text.value = "";
      write.elements.chave.value = Array.from(crypto.getRandomValues(new Uint32Array(4)), (one) => one.toString(36)).join("");
      grow();
      toTheEnd();
      await refresh();
      toTheEnd();
    } catch (error) {
      // The same key goes along with the next try, so what got through is not sent twice.
      problem.textContent = error instanceof TypeError ? "Sem conexão. Tente de novo." : error.message;
      problem.hidden = false;
    } finally {
      delete write.dataset.sending;
      text.focus();
    }
  });
  if (!touch) text.focus();
}

const about = document.getElementById("about");
if (about && matchMedia("(max-width: 1100px)").matches) about.open = false;
toTheEnd();
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refresh(); });
timer = setTimeout(refresh, EVERY);
