// The control API and the stream of events.

export async function call(method, path, body) {
  const answer = await fetch(`/sim${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Error(typeof said.detail === "string" ? said.detail : JSON.stringify(said.detail ?? answer.status));
}

const of = (phone) => `/phones/${encodeURIComponent(phone)}`;
export const send = (phone, content) => call("POST", `${of(phone)}/messages`, { content });
export const tap = (phone, bubble, index) => call("POST", `${of(phone)}/tap`, { option: index, bubble });
export const react = (phone, bubble, emoji) => call("POST", `${of(phone)}/reaction`, { bubble, emoji });
export const change = (phone, changes) => call("PATCH", of(phone), changes);
export const changeNumber = (phone, number) => call("POST", `${of(phone)}/number`, { number });

// Calls `onEvent` with every event; the first after each (re)connection is a snapshot.
export function listen(onEvent, onConnection) {
  const source = new EventSource("/sim/events");
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
}

const toast = document.querySelector(".toast");
let hiding;
export function complain(error) {
  toast.textContent = error.message ?? String(error);
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, 5000);
}
