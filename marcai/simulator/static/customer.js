// The dialog for a new customer, with names and numbers suggested.

import { call } from "/static/api.js";
import { number } from "/static/format.js";

const NAMES = ["Carla Mendonça", "Rafael Teixeira", "Juliana Prado", "Marcos Vieira", "Beatriz Nogueira", "João da Silva", "Camila Duarte",
  "Thiago Moraes", "Larissa Campos", "Dona Lúcia", "Pedro Henrique", "Aline Figueiredo", "Sérgio Ramalho", "Vitória Lins", "Gustavo Peixoto"];
const CODES = ["11", "11", "11", "21", "31", "41", "71", "81"];
const dialog = document.querySelector("#customer-dialog");
const form = dialog.querySelector("form");
const problem = dialog.querySelector(".problem");

const pick = (list) => list[Math.floor(Math.random() * list.length)];

// A name that nobody has yet, and a made-up number.
export function suggestion(phones, at = null) {
  const taken = new Set(phones.map((phone) => phone.name));
  const free = NAMES.filter((name) => !taken.has(name));
  const digits = String(Math.floor(Math.random() * 9000) + 1000);
  return { name: at === null ? pick(free.length ? free : NAMES) : free[at] ?? pick(NAMES), number: `55${pick(CODES)}99999${digits}` };
}

function fields() {
  const kind = form.elements.kind.value;
  form.querySelector('[data-for="number"]').hidden = kind === "username";
  form.querySelector('[data-for="username"]').hidden = kind !== "username";
  form.querySelector('[data-for="line"]').hidden = form.elements.line.value !== "other";
}

const username = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\W+/gu, ".").replace(/^\.|\.$/gu, "");

export function setUp(model, onCreated) {
  const suggest = () => {
    const made = suggestion(model.phones());
    form.elements.name.value = made.name;
    form.elements.number.value = number(made.number);
    form.elements.username.value = username(made.name);
  };
  form.addEventListener("change", fields);
  form.elements.name.addEventListener("input", () => { form.elements.username.value = username(form.elements.name.value); });
  form.querySelector('[data-act="dice"]').addEventListener("click", suggest);
  form.querySelector('[data-act="cancel"]').addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = form.elements;
    try {
      let line = data.line.value;
      if (line === "other") {
        line = data.line_id.value.trim();
        if (!/^\d{5,}$/u.test(line)) throw new Error("O phone_number_id é um número, como está no arquivo do estabelecimento.");
        await call("POST", "/lines", { phone_number_id: line, name: data.line_name.value.trim() || null });
      }
      const kind = data.kind.value;
      onCreated(await call("POST", "/phones", {
        name: data.name.value.trim(), kind, phone_number_id: line,
        number: kind === "username" ? null : data.number.value, username: kind === "username" ? data.username.value : null,
      }));
      dialog.close();
    } catch (error) {
      problem.textContent = error.message.startsWith("number must") ? "O número precisa de 8 a 15 dígitos, com o código do país." : error.message;
    }
  });
  return async () => {
    await model.findLines();
    suggest();
    problem.textContent = "";
    const select = form.elements.line;
    select.replaceChildren(...model.lines().map((line) => new Option(line.name, line.phone_number_id)), new Option("outro…", "other"));
    form.elements.kind.value = "13";
    fields();
    dialog.showModal();
    form.elements.name.select();
  };
}
