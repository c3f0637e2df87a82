/* What a page can do more comfortably with JavaScript. Everything works without it. */

const live = document.getElementById("live");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) follow(event, link);
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  const dialog = form.closest("dialog");
  if (dialog) send(event, form, dialog);
});

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach(mayBeSent));

function follow(event, link) {
  if (link.dataset.opens) {
    const dialog = document.getElementById(link.dataset.opens);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  } else if ("asks" in link.dataset) {
    event.preventDefault();
    ask(link.href);
  } else if ("close" in link.dataset && link.closest("dialog")) {
    event.preventDefault();
    link.closest("dialog").close();
  } else if (link.dataset.copies) {
    event.preventDefault();
    copy(link);
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

/* A page that asks, in a dialog instead of on its own. */
async function ask(address) {
  const dialog = document.getElementById("asks");
  const answer = await fetch(address).catch(() => null);
  const sheet = answer && answer.ok && !answer.redirected && sheetOf(await answer.text());
  if (!dialog || !sheet) return location.assign(address);
  closeMenus();
  dialog.replaceChildren(...sheet.childNodes);
  dialog.showModal();
}

/* A form in a dialog: what is wrong with it, or what else is asked, comes back into the same dialog. */
async function send(event, form, dialog) {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (answer && answer.redirected) return location.assign(answer.url);
  const sheet = answer && sheetOf(await answer.text());
  if (!sheet) {
    mayBeSent(form);
    return form.submit();
  }
  dialog.replaceChildren(...sheet.childNodes);
  focusOnWrong(dialog);
}

function sheetOf(text) {
  return new DOMParser().parseFromString(text, "text/html").querySelector("[data-sheet]");
}

function mayBeSent(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

function focusOnWrong(root) {
  const wrong = root.querySelector("[data-focus]");
  if (wrong) wrong.focus();
}

async function copy(link) {
  try {
    await navigator.clipboard.writeText(link.href);
    live.textContent = link.textContent = link.dataset.copied || "Link copied";
  } catch {
    location.assign(link.href);
  }
}

for (const button of document.querySelectorAll("[data-copies-text]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copiesText);
    text.select();
    await navigator.clipboard.writeText(text.value).then(() => (live.textContent = button.textContent = "Copied"), () => {});
  });
}

/* The gateway cuts off a body that is too large without a word that anybody could use. */
for (const file of document.querySelectorAll("[data-most-bytes]")) {
  const large = document.getElementById(`${file.id}:large`);
  file.addEventListener("change", () => {
    large.hidden = !file.files[0] || file.files[0].size <= file.dataset.mostBytes;
    file.form.querySelector("button.primary").disabled = !large.hidden;
  });
}

for (const link of document.querySelectorAll("[data-copies]")) link.textContent = link.dataset.copies;

for (const search of document.querySelectorAll("[data-filters]")) {
  const rows = [...document.getElementById(search.dataset.filters).tBodies[0].rows];
  const none = document.querySelector("[data-none]");
  search.form.querySelector("button").hidden = true;
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      found += !row.hidden;
    }
    if (none) none.hidden = found > 0;
  });
}

/* One more row of a group of fields: a copy of the last one, emptied and renumbered; a date is a week after the last. */
for (const button of document.querySelectorAll("button[data-adds]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const group = document.getElementById(button.dataset.adds);
    const last = group.lastElementChild;
    const fresh = last.cloneNode(true);
    const number = group.childElementCount;
    for (const part of fresh.querySelectorAll("[id], [for], [name]")) {
      for (const name of ["id", "for", "name"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/\/\d+\//, `/${number}/`));
      }
      empty(part);
    }
    for (const fault of fresh.querySelectorAll(".fault")) fault.remove();
    group.append(fresh);
    fresh.querySelector("input:not([type=hidden])").focus();
    if (number + 1 >= Number(button.dataset.most)) button.hidden = true;
  });
}

function empty(part) {
  if (part.type === "datetime-local" && part.value) part.value = weekLater(part.value);
  else if (part.type === "checkbox") part.checked = false;
  else if (part.tagName === "INPUT") part.value = "";
}

function weekLater(text) {
  const day = new Date(`${text.slice(0, 10)}T00:00Z`);
  day.setUTCDate(day.getUTCDate() + 7);
  return day.toISOString().slice(0, 10) + text.slice(10);
}

focusOnWrong(document);

/* Where one is, in a row that is wider than the phone. */
for (const here of document.querySelectorAll(":is(.bar nav, .tabs) > [aria-current]")) {
  const row = here.parentElement;
  row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.offsetWidth) / 2;
}

/* A search that answers while one types: the part of the page that shows what was found is fetched anew. */
for (const search of document.querySelectorAll("[data-suggests]")) {
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => suggest(search), 200);
  });
}

async function suggest(search) {
  const address = new URL(location.href);
  address.search = new URLSearchParams(new FormData(search.form));
  const answer = await fetch(address).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(search.dataset.suggests);
  if (found) document.getElementById(search.dataset.suggests).replaceChildren(...found.childNodes);
}

/* Words of an e-mail: names go in where the cursor is, and the preview follows what is typed. */
for (const code of document.querySelectorAll("code[data-inserts]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = code.textContent;
  button.addEventListener("click", () => {
    const text = document.getElementById(code.dataset.inserts);
    text.setRangeText(button.textContent, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  code.replaceChildren(button);
}

for (const form of document.querySelectorAll("form[data-previews]")) {
  let waiting, latest;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const body = new URLSearchParams(new FormData(form));
      body.set("do", "preview");
      const asked = (latest = fetch(form.action, { method: "POST", body }).catch(() => null));
      const answer = await asked;
      if (!answer || answer.redirected || asked !== latest) return;
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.dataset.previews);
      if (shown) document.getElementById(form.dataset.previews).replaceChildren(...shown.childNodes);
    }, 400);
  });
}

/* A form that shows its price: every line of it follows what is chosen and typed, before anything is booked. */
for (const form of document.querySelectorAll("form[data-prices]")) {
  let latest;
  form.addEventListener("change", async (event) => {
    if (!event.target.matches("[name=tier], [name=party_size], [name=discount_code], [name^=participants]")) return;
    const body = new URLSearchParams(new FormData(form)), code = form.querySelector("#discount_code");
    const wrong = code?.getAttribute("aria-invalid") === "true" && event.target !== code; // It was told, and counted, once.
    if (wrong) body.delete("discount_code");
    body.set("show", "price");
    const asked = (latest = fetch(form.action, { method: "POST", body }).catch(() => null));
    const answer = await asked;
    if (!answer || answer.redirected || asked !== latest) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = page.querySelector("form[data-prices] .price");
    if (shown) form.querySelector(".price").replaceChildren(...shown.childNodes);
    if (!code || wrong) return;
    const again = page.getElementById("discount_code:fault");
    document.getElementById("discount_code:fault")?.remove();
    code.toggleAttribute("aria-invalid", Boolean(again));
    code.closest(".field").classList.toggle("wrong", Boolean(again));
    if (!again) return code.removeAttribute("aria-describedby");
    code.setAttribute("aria-invalid", "true");
    code.setAttribute("aria-describedby", again.id);
    code.after(again);
  });
}
