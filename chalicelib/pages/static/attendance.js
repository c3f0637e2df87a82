/* Attendance at the door: marks show at once, and are kept on the device until they are sent. */

const form = document.querySelector("[data-attendance]");
const checkIn = document.querySelector("[data-submits]");
const storageKey = `rollbook-marks:${location.pathname}`;
let latest = 0;
let sending = false;

if (checkIn) checkIn.requestSubmit();
if (form) {
  form.addEventListener("submit", marked);
  addEventListener("online", send);
  setInterval(send, 15000);
  for (const [id, mark] of Object.entries(kept())) show(id, mark.status);
  send();
}

function marked(event) {
  const button = event.submitter;
  if (!button || !["mark", "all"].includes(button.name)) return;
  event.preventDefault();
  const ids = button.name === "all" ? expected() : [button.value.slice(0, button.value.lastIndexOf(":"))];
  const status = button.name === "all" ? "present" : button.value.slice(button.value.lastIndexOf(":") + 1);
  const marks = kept();
  for (const id of ids) {
    const split = id.lastIndexOf(":");
    const note = form.elements.namedItem(`note/${id}`);
    marks[id] = { registration: id.slice(0, split), participant: Number(id.slice(split + 1)), status, at: now(), note: note ? note.value : "" };
    show(id, status);
  }
  keep(marks);
  button.closest("details[open]")?.removeAttribute("open");
  send();
}

/* No two marks of a device are of the same moment. */
function now() {
  latest = Math.max(Date.now(), latest + 1);
  return new Date(latest).toISOString();
}

function expected() {
  return [...document.querySelectorAll('[data-participant][data-status="expected"]')].map((row) => row.dataset.participant);
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(storageKey)) || {};
  } catch {
    return {};
  }
}

function keep(marks) {
  if (Object.keys(marks).length) localStorage.setItem(storageKey, JSON.stringify(marks));
  else localStorage.removeItem(storageKey);
}

async function send() {
  const marks = kept();
  if (sending || !Object.keys(marks).length) return;
  sending = true;
  const body = new URLSearchParams({ marks: JSON.stringify(Object.values(marks)) });
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  sending = false;
  if (!answer || answer.status >= 500 || answer.status === 429) return tell(form.dataset.kept);
  const elsewhere = answer.redirected && new URL(answer.url).pathname !== new URL(form.action).pathname;
  if (answer.status === 401 || elsewhere) return tell(form.dataset.signIn);
  const left = kept();
  for (const [id, mark] of Object.entries(marks)) if (left[id]?.at === mark.at) delete left[id];
  keep(left);
  if (Object.keys(left).length) return send();
  await refresh(answer);
  tell(form.dataset.saved);
}

/* What other devices have marked shows, too. */
async function refresh(answer) {
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("attendance");
  if (!shown || document.querySelector(".attendance details[open]")) return;
  const focused = document.activeElement?.closest("[data-participant]")?.dataset.participant;
  document.getElementById("attendance").replaceChildren(...shown.childNodes);
  if (focused) document.querySelector(`[data-participant="${CSS.escape(focused)}"] .here`)?.focus();
}

function show(id, status) {
  const row = document.querySelector(`[data-participant="${CSS.escape(id)}"]`);
  if (!row) return;
  row.dataset.status = status;
  const here = row.querySelector(".here");
  here.setAttribute("aria-pressed", String(status === "present"));
  here.value = `${id}:${status === "present" ? "expected" : "present"}`;
  const word = document.querySelector(`[data-count="${status}"]`);
  row.querySelector("[data-word]").textContent = word.lastChild.textContent.trim();
  for (const count of document.querySelectorAll("[data-count]")) {
    count.querySelector("b").textContent = document.querySelectorAll(`[data-participant][data-status="${count.dataset.count}"]`).length;
  }
}

function tell(text) {
  const note = document.getElementById("kept");
  note.textContent = text;
  note.classList.toggle("good", text === form.dataset.saved);
  note.hidden = false;
}
