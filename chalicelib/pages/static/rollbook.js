/* What a page can do more comfortably with JavaScript. Everything works without it. */

const live = document.getElementById("live");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) follow(event, link);
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("asks" in form.dataset && event.submitter && !("page" in event.submitter.dataset)) return askAbout(event, form);
  if (!form.matches("[data-once]")) return;
  keepPlace();
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
    ask(link.href, link.closest("dialog"));
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
async function ask(address, dialog) {
  const answer = await fetch(address).catch(() => null);
  show(answer && answer.ok && !answer.redirected && sheetOf(await answer.text()), dialog, () => location.assign(address));
}

/* The same for the people who are ticked: the form that names them asks. */
async function askAbout(event, form) {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(event.submitter.formAction, { method: "POST", body }).catch(() => null);
  event.submitter.dataset.page = "";
  show(answer && answer.ok && !answer.redirected && sheetOf(await answer.text()), null, () => form.requestSubmit(event.submitter));
  delete event.submitter.dataset.page;
}

function show(sheet, open, otherwise) {
  const dialog = open || document.getElementById("asks");
  if (!dialog || !sheet) return otherwise();
  closeMenus();
  const typed = new Map([...dialog.querySelectorAll("[data-same]")].map((field) => [field.dataset.same, field.value]));
  dialog.replaceChildren(...sheet.childNodes);
  nameCopies(dialog);
  for (const field of dialog.querySelectorAll("[data-same]")) if (!field.value) field.value = typed.get(field.dataset.same) ?? "";
  if (open) (dialog.querySelector("[autofocus]") ?? dialog).focus();
  else dialog.showModal();
}

/* Whoever acts on a row comes back to where it was. */
function keepPlace() {
  try {
    sessionStorage.setItem("scroll", JSON.stringify([location.pathname, scrollY]));
  } catch {}
}

function findPlace() {
  try {
    const [path, top] = JSON.parse(sessionStorage.getItem("scroll")) ?? [];
    sessionStorage.removeItem("scroll");
    if (path === location.pathname) scrollTo({ top, behavior: "instant" });
  } catch {}
}

/* A form in a dialog: what is wrong with it, or what else is asked, comes back into the same dialog. */
async function send(event, form, dialog) {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  keepPlace();
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
    live.textContent = link.textContent = link.dataset.copied;
  } catch {
    location.assign(link.href);
  }
}

for (const button of document.querySelectorAll("[data-copies-text]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copiesText);
    text.select();
    await navigator.clipboard.writeText(text.value).then(() => (live.textContent = button.textContent = button.dataset.copied), () => {});
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

const nameCopies = (root) => root.querySelectorAll("[data-copies]").forEach((link) => (link.textContent = link.dataset.copies));
nameCopies(document);

/* A photo of a phone is larger than what is sent: it is made smaller first. What cannot be read here is sent as it is. */
document.addEventListener("change", async (event) => {
  const field = event.target, most = Number(field.dataset?.shrinks), photo = field.files?.[0];
  if (!most || !photo || photo.type !== "image/jpeg" || photo.size < 500_000) return;
  const image = await createImageBitmap(photo).catch(() => null);
  if (!image) return;
  const scale = Math.min(1, most / Math.max(image.width, image.height)), canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.width * scale, height: image.height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9)), files = new DataTransfer();
  files.items.add(new File([small], photo.name, { type: small.type }));
  if (field.files[0] === photo) field.files = files.files;
});

for (const search of document.querySelectorAll("[data-filters]")) {
  const rows = [...document.getElementById(search.dataset.filters).tBodies[0].rows];
  const none = document.querySelector("[data-none]");
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
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-adds]");
  if (!button) return;
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
  for (const part of fresh.querySelectorAll("[data-number]")) part.textContent = part.dataset.number.replace("#", number + 1);
  for (const fault of fresh.querySelectorAll(".fault, .of-date")) fault.remove();
  group.append(fresh);
  fresh.querySelector("input:not([type=hidden])").focus();
  if (number + 1 >= Number(button.dataset.most)) button.hidden = true;
});

function empty(part) {
  if (part.type === "datetime-local" && part.value) part.value = later(part.value, 7 * 24);
  else if (part.type === "checkbox") part.checked = false;
  else if (part.tagName === "SELECT") part.selectedIndex = 0;
  else if (part.matches("input, textarea")) part.value = "";
}

/* Clocks may change in between: what is meant is the same time of day. */
const later = (text, hours) => new Date(Date.parse(`${text}Z`) + hours * 3_600_000).toISOString().slice(0, 16);

/* The end of a date that nobody has chosen is an hour after its start. */
document.addEventListener("change", ({ target }) => {
  const ends = target.matches("[name$='/starts_at']") && document.getElementById(target.id.replace("starts_at", "ends_at"));
  if (!ends || !target.value || (ends.value && ends.value !== ends.dataset.followed)) return;
  ends.value = ends.dataset.followed = later(target.value, 1);
});

focusOnWrong(document);

/* Where one is, in a row that is wider than the phone. */
for (const here of document.querySelectorAll(":is(.bar nav, .tabs, .chips) > [aria-current]")) {
  const row = here.parentElement;
  row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.offsetWidth) / 2;
}

/* A roster: ticks and their number, a form that submits itself, and "/" for the search of every page. */
for (const form of document.querySelectorAll("form[data-submits]")) {
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
}

for (const all of document.querySelectorAll("[data-ticks]")) {
  all.removeAttribute("name");
  const boxes = [...document.getElementById(all.dataset.ticks).querySelectorAll("input[name^='to/']")];
  const shown = () => boxes.filter((box) => !box.closest("tr").hidden);
  const count = document.querySelector("[data-count]");
  const update = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked === 1 ? count.dataset.one : count.dataset.many.replace("#", ticked);
    all.checked = ticked > 0 && shown().every((box) => box.checked);
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const box of shown()) box.checked = all.checked;
    update();
  });
  for (const box of boxes) box.addEventListener("change", update);
  addEventListener("pageshow", update);
}

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("everywhere");
  const elsewhere = event.target.closest?.("input, select, textarea, [contenteditable], dialog[open]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || elsewhere || !search) return;
  event.preventDefault();
  if (search.checkVisibility()) search.select();
  else location.assign(search.form.action);
});

findPlace();

/* A search that answers while one types: the part of the page that shows what was found is fetched anew. */
let typing;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-suggests]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => suggest(event.target), 200);
});

async function suggest(search) {
  const form = search.form, body = new URLSearchParams(new FormData(form)), posted = form.method === "post";
  const address = new URL(posted ? form.action : location.href);
  if (posted) body.set("find", search.value);
  else address.search = body;
  const answer = await fetch(address, posted ? { method: "POST", body } : {}).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(search.dataset.suggests);
  const shown = form.querySelector(`#${search.dataset.suggests}`) ?? document.getElementById(search.dataset.suggests);
  if (found && shown) shown.replaceChildren(...found.childNodes);
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
    if (!event.target.matches("[name=tier], [name=party_size], [name=discount_code], [name^=participants][name$='/name']")) return;
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
    followNames(form, page.querySelector("form[data-prices]"));
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
  let counted = 0, soon;
  form.addEventListener("input", ({ target }) => { // The next press may be the button: the price follows a name at once.
    const names = [...form.querySelectorAll("[name$='/name']")].filter((field) => field.value).length;
    if (names === counted) return;
    counted = names;
    clearTimeout(soon);
    soon = setTimeout(() => target.dispatchEvent(new Event("change", { bubbles: true })), 200);
  });
}

/* Names drive the number of spots, and a higher number brings further fields. */
function followNames(form, priced) {
  const size = form.elements.party_size, wanted = priced?.elements.party_size;
  if (size && wanted && Number(wanted.value) > Number(size.value)) size.value = wanted.value;
  const people = form.querySelector("[data-people]"), more = priced?.querySelectorAll("[data-people] > :is(.field, .person)") ?? [];
  if (!people) return;
  for (const field of [...more].slice(people.querySelectorAll(":scope > :is(.field, .person)").length)) people.append(field);
}

/* Whom an e-mail of staff reaches: who ticks people means them, and the button says how many. */
for (const form of document.querySelectorAll("form[data-recipients]")) {
  const boxes = [...form.querySelectorAll("[data-address]")];
  const button = form.querySelector("button.primary");
  form.addEventListener("change", (event) => {
    if (boxes.includes(event.target) && event.target.checked) form.elements.whom.value = "some";
    if (event.target.name === "whom") choose(form, boxes);
    const chosen = boxes.filter((box) => form.elements.whom.value === "all" || box.checked);
    const people = new Set(chosen.map((box) => box.dataset.address)).size;
    form.elements.people.value = people;
    button.textContent = people === 1 ? button.dataset.one : button.dataset.many.replace("#", people);
  });
}

function choose(form, boxes) {
  const everybody = form.elements.whom.value === "all";
  form.querySelector("details.more").open = !everybody;
  if (everybody) for (const box of boxes) box.checked = false;
}

/* The agenda by keyboard: arrows for the periods, t for today. Never while somebody types or chooses. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, details")) return;
  const link = [...document.querySelectorAll("[data-keys] [data-key]")].find((one) => one.dataset.key === event.key);
  if (link) link.click();
});
