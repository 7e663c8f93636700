// The developer's drawer: faults on demand, the clock, the cost, and what went wrong.

import * as api from "/static/api.js";
import { element } from "/static/format.js";

const ARMS = [["duplicates", 1, "duplicada"], ["rebatched", true, "reagrupada"], ["late_seconds", 259200, "3 dias atrasada"],
  ["tampered", true, "assinatura falsa"]];
const CODES = [["131056", "limite por par"], ["130429", "limite de vazão"], ["131047", "fora da janela de 24 h"], ["131026", "não entregável"],
  ["131009", "valor inválido"], ["131000", "algo deu errado"], ["131016", "serviço indisponível"], ["190", "token inválido"], ["132001", "modelo não existe"]];
const MODES = [["sync", "recusar na hora"], ["async", "aceitar e falhar depois"], ["slow", "responder devagar"], ["cut", "aceitar e cair"], ["drop", "cair sem aceitar"]];
const root = document.querySelector("#drawer");
const opener = document.querySelector("#developer");

const options = (pairs) => pairs.map(([value, label]) => new Option(label, value));
const HOUR = { hour: "2-digit", minute: "2-digit" };

export class Drawer {
  constructor(model, onToggle) {
    this.model = model;
    this.onToggle = onToggle;
    this.entries = [];
    this.unseen = 0;
    opener.addEventListener("click", () => this.toggle(root.hidden));
    root.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.toggle(false); opener.focus(); } });
    this.build();
  }

  toggle(on) {
    root.hidden = !on;
    opener.setAttribute("aria-expanded", String(on));
    if (on) { this.unseen = 0; this.badge(); this.refresh(); }
    this.onToggle();
  }

  get width() { return root.hidden || innerWidth < 1100 ? 0 : root.offsetWidth; }

  build() {
    const run = (promise) => promise.catch(api.complain);
    this.who = element("select", { "aria-label": "Cliente" });
    this.who.addEventListener("change", () => this.refresh());
    const phone = () => this.who.value;
    this.arms = ARMS.map(([key, value, label]) => {
      const button = element("button", { type: "button", className: "toggle", "aria-pressed": "false" }, label);
      button.addEventListener("click", () => {
        const armed = { ...this.model.phone(phone())?.armed };
        if (key in armed) delete armed[key]; else armed[key] = value;
        run(api.change(phone(), { armed }));
      });
      return [key, button];
    });
    this.receipts = element("select", {}, ...options([["read", "até lida"], ["delivered", "até entregue"], ["sent", "até enviada"], ["none", "nenhum"]]));
    this.receipts.addEventListener("change", () => run(api.change(phone(), { receipts: this.receipts.value })));
    this.order = element("select", {}, ...options([["normal", "em ordem"], ["reversed", "invertida"], ["skip_delivered", "sem “entregue”"], ["early", "antes da resposta"]]));
    this.order.addEventListener("change", () => run(api.change(phone(), { status_order: this.order.value })));
    const renumber = element("button", { type: "button", className: "toggle" }, "trocar de número");
    renumber.addEventListener("click", () => run(api.changeNumber(phone(), `55119888${String(Math.floor(Math.random() * 90000) + 10000)}`)));
    this.window = element("p", { className: "note" });

    const code = element("select", {}, ...CODES.map(([value, label]) => new Option(`${value} · ${label}`, value)));
    const mode = element("select", {}, ...options(MODES));
    const times = element("input", { type: "number", min: "1", max: "99", value: "1" });
    const fail = element("button", { type: "button", className: "toggle wide" }, "falhar os próximos envios a este cliente");
    fail.addEventListener("click", () => run(api.call("POST", "/failures", { phone: phone(), code: Number(code.value), mode: mode.value, times: Number(times.value) || 1 })));
    this.pending = element("p", { className: "note" });

    this.hold = element("button", { type: "button", className: "toggle", "aria-pressed": "false" }, "segurar");
    this.hold.addEventListener("click", () => run(api.call("POST", "/hold", { what: this.model.state.holding === "nothing" ? "all" : "nothing" })));
    const release = (label, how) => {
      const button = element("button", { type: "button", className: "toggle" }, label);
      button.addEventListener("click", () => run(api.call("POST", "/release", how)));
      return button;
    };
    this.held = element("p", { className: "note" });

    this.everywhere = element("input", { type: "checkbox" });
    this.everywhereRow = element("label", { className: "inline" }, this.everywhere, "mover o relógio do sistema todo");
    const shift = (label, seconds) => {
      const button = element("button", { type: "button", className: "toggle" }, label);
      button.addEventListener("click", () => {
        const clock = this.model.state.clock;
        const everywhere = clock.can_move_everywhere && this.everywhere.checked;
        const base = everywhere ? clock.shared_offset_seconds : clock.offset_seconds;
        run(api.call("PUT", "/clock", { offset_seconds: seconds === 0 ? 0 : base + seconds, everywhere }));
      });
      return button;
    };
    this.clock = element("p", { className: "note" });
    this.cost = element("div", { className: "figures" });
    this.log = element("div");
    root.append(
      element("h2", {}, "Desenvolvedor"), element("p", { className: "note" }, "Defeitos por encomenda, para ver como o robô se vira."),
      element("h3", {}, "Cliente"), this.who, this.window,
      element("h3", {}, "Próxima mensagem deste cliente chega"), element("div", { className: "chips" }, ...this.arms.map(([, button]) => button)),
      element("div", { className: "grid" }, element("label", {}, "Recibos", this.receipts), element("label", {}, "Ordem dos recibos", this.order)),
      element("div", { className: "chips inline" }, renumber),
      element("h3", {}, "Próximos envios do robô"), element("div", { className: "grid" }, element("label", { className: "wide" }, "Erro", code),
        element("label", {}, "Como", mode), element("label", {}, "Quantas vezes", times), fail), this.pending,
      element("h3", {}, "Entregas ao robô"), element("div", { className: "chips" }, this.hold, release("soltar", {}), release("soltar invertidas", { order: "reversed" }),
        release("soltar em lote", { batch: true, shape: "messages" })), this.held,
      element("h3", {}, "Relógio"), element("div", { className: "chips" }, shift("+1 h", 3600), shift("+23 h", 82800), shift("+25 h", 90000), shift("voltar", 0)),
      this.everywhereRow, this.clock,
      element("h3", {}, "Mensagens cobradas"), this.cost,
      element("h3", {}, "O que deu errado"), this.log,
    );
  }

  refresh() {
    if (root.hidden) return;
    const { model } = this;
    const chosen = this.who.value;
    this.who.replaceChildren(...model.phones().map((phone) => new Option(`${phone.name} · ${phone.business.name}`, phone.id)));
    this.who.value = model.phone(chosen) ? chosen : model.focused() ?? this.who.value;
    const phone = model.phone(this.who.value);
    for (const [key, button] of this.arms) {
      button.disabled = !phone;
      button.setAttribute("aria-pressed", String(Boolean(phone && key in phone.armed)));
    }
    this.receipts.value = phone?.receipts ?? "read";
    this.order.value = phone?.status_order ?? "normal";
    this.window.textContent = !phone ? "" : phone.window_open ? `janela de 24 h aberta até ${this.when(phone.window_open_until, { day: "2-digit", month: "2-digit", ...HOUR })}` : "janela de 24 h fechada: só modelos";
    const { failures, held, holding, clock } = model.state;
    this.pending.textContent = failures.length ? `armado: ${failures.map((one) => `${one.mode === "sync" || one.mode === "async" ? one.code : one.mode} ×${one.times}`).join(", ")}` : "";
    this.hold.setAttribute("aria-pressed", String(holding !== "nothing"));
    this.held.textContent = held ? `${held} guardadas` : "";
    this.everywhereRow.hidden = !clock.can_move_everywhere;
    const offset = clock.offset_seconds + clock.shared_offset_seconds;
    this.clock.textContent = offset ? `adiantado ${(offset / 3600).toLocaleString("pt-BR", { maximumFractionDigits: 1 })} h` : "na hora certa";
    const perPhone = phone?.billed ?? 0;
    const total = model.phones().reduce((sum, one) => sum + one.billed, 0);
    this.cost.replaceChildren(element("div", {}, element("b", {}, String(perPhone)), element("span", {}, "neste cliente")), element("div", {}, element("b", {}, String(total)), element("span", {}, "em todas as conversas")));
    this.log.replaceChildren(...this.entries.slice(-40).reverse().map((entry) => entry.node));
    if (!this.entries.length) this.log.replaceChildren(element("p", { className: "note" }, "Nada até agora."));
  }

  // A refused Graph call.
  refused(call) {
    const text = `${call.error.code} · ${call.error.details}`;
    this.note(`call-${call.n}`, call.at, text, call.body, true);
  }

  // A webhook that was special or was not accepted.
  delivered(record) {
    const note = record.note ? `${record.note}: ` : "";
    const text = `webhook ${note}${record.count} ${record.about.join("/")} → ${record.attempts.join(", ") || "…"} (${record.state})`;
    this.note(`delivery-${record.id}`, record.at, text, record, record.state !== "delivered");
  }

  note(key, at, text, more, bad) {
    const node = element("details", { className: bad ? "bad" : "" }, element("summary", {}, element("time", {}, this.when(at, { ...HOUR, second: "2-digit" })), ` ${text}`),
      element("pre", {}, JSON.stringify(more, null, 1)));
    const known = this.entries.findIndex((entry) => entry.key === key);
    if (known >= 0) this.entries[known] = { key, at, node };
    else this.entries.push({ key, at, node });
    this.entries = this.entries.sort((a, b) => a.at.localeCompare(b.at)).slice(-100);
    if (bad && known < 0 && root.hidden) { this.unseen += 1; this.badge(); }
    this.refresh();
  }

  when(iso, how) {
    return new Date(iso).toLocaleString("pt-BR", { ...how, timeZone: this.model.lines()[0]?.timezone });
  }

  clear() { this.entries = []; this.unseen = 0; this.badge(); }

  badge() {
    const badge = opener.querySelector(".badge");
    badge.hidden = !this.unseen;
    badge.textContent = this.unseen;
  }
}
