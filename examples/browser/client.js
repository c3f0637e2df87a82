/* A client of Rollbook on another origin: lists sessions, books, and lets staff sign in, invite and import. Only fetch, no build.
   Open it with ?api=https://book.example.org&org=studio; without, it uses the local stack and its demo organisation. */

const query = new URLSearchParams(location.search);
const API = query.get("api") ?? "http://127.0.0.1:8000";
const ORG = query.get("org") ?? "demo";
const TRIES = 3;
const DIRECTLY = 4_000_000; // Larger files do not go through the API, but into the bucket.

let token = "";
let chosen;

/* Send one request and return what it answers. A POST carries a key: sent again after a lost connection, it happens once. */
async function call(method, path, { body, file } = {}) {
  const headers = { "Accept-Language": "en" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = "application/octet-stream";
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  const request = { method, headers, body: file ?? (body && JSON.stringify(body)) };
  for (let tried = 1; ; tried++) {
    const answer = await fetch(API + path, request).catch(() => null);
    const later = !answer || answer.status === 503;
    if (later && tried < TRIES) {
      await pause(Number(answer?.headers.get("Retry-After") ?? 1));
      continue;
    }
    if (!answer) throw new Error("The connection was lost.");
    const data = answer.status === 204 ? null : await answer.json();
    if (!answer.ok) throw new Error(sentences(data));
    return data;
  }
}

/* A refusal has a sentence to show; a 422 has one for each field that is wrong. */
function sentences(problem) {
  return [problem.detail, ...(problem.errors ?? []).map((error) => `${error.field}: ${error.detail}`)].join("\n");
}

function pause(seconds) {
  return new Promise((resume) => setTimeout(resume, seconds * 1000));
}

/* A list comes in pages: `next` is the cursor of the following one. */
async function* pages(path) {
  let cursor = "";
  do {
    const page = await call("GET", `${path}?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    yield* page.items;
    cursor = page.next ?? "";
  } while (cursor);
}

async function showSessions() {
  const list = document.getElementById("sessions");
  list.replaceChildren();
  for await (const session of pages(`/v1/portal/${ORG}/sessions`)) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.textContent = session.title;
    button.disabled = session.state !== "open";
    button.addEventListener("click", () => choose(session));
    item.append(button, ` ${when(session)}, ${session.spots.free} of ${session.spots.total} spots free`);
    list.append(item);
  }
}

function when(session) {
  const [meeting] = session.meetings;
  const format = { dateStyle: "medium", timeStyle: "short", timeZone: session.time_zone };
  return new Intl.DateTimeFormat("en", format).format(new Date(meeting.starts_at));
}

function choose(session) {
  const form = document.getElementById("book");
  chosen = session;
  document.getElementById("title").textContent = session.title;
  form.elements.tier.replaceChildren(...session.tiers.map((tier) => new Option(`${tier.name}: ${money(tier.price)}`, tier.id)));
  form.hidden = false;
}

function money({ amount, currency }) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

async function book({ name, email, participant, tier }) {
  const body = { name, email, participants: [{ name: participant }], party_size: 1, tier };
  const made = await call("POST", `/v1/portal/${ORG}/sessions/${chosen.id}/registrations`, { body });
  await showSessions();
  return `Booked for ${money(made.total)}.`;
}

async function signIn({ staff, password }) {
  const answer = await call("POST", "/v1/auth/sign-in", { body: { email: staff, password } });
  if (!answer.access_token) throw new Error("This account has a second factor: send its code to /v1/auth/sign-in/code.");
  token = answer.access_token;
  const { session } = document.getElementById("invite").elements;
  for await (const one of pages(`/v1/orgs/${ORG}/sessions`)) session.add(new Option(one.title, one.id));
  for (const id of ["invite", "import"]) document.getElementById(id).hidden = false;
  return `Signed in as ${answer.memberships.find((one) => one.org === ORG).role}.`;
}

async function invite({ session, email }) {
  const made = await call("POST", `/v1/orgs/${ORG}/sessions/${session}/invitations`, { body: { email } });
  return `Invited, ${made.spots_held} spot held: ${made.link}`;
}

async function importCustomers({ file }) {
  const path = `/v1/orgs/${ORG}/customers/imports`;
  const checked = file.size > DIRECTLY ? await throughTheBucket(path, file) : await call("POST", path, { file });
  return `${checked.status}: ${checked.changes.create} new, ${checked.issues.length} issues`;
}

/* The file is put straight into the bucket, and the id of its upload then takes its place. */
async function throughTheBucket(path, file) {
  const { upload, put_url } = await call("POST", `${path}/uploads?size=${file.size}`);
  const stored = await fetch(put_url, { method: "PUT", body: file });
  if (!stored.ok) throw new Error("The file could not be stored.");
  return call("POST", path, { body: { upload } });
}

function onSubmit(id, act) {
  document.getElementById(id).addEventListener("submit", (event) => {
    event.preventDefault();
    report(() => act(Object.fromEntries(new FormData(event.target))));
  });
}

async function report(act) {
  const done = document.getElementById("done"), problem = document.getElementById("problem");
  done.textContent = problem.textContent = "";
  try {
    done.textContent = (await act()) ?? "";
  } catch (error) {
    problem.textContent = error.message;
  }
}

onSubmit("book", book);
onSubmit("sign-in", signIn);
onSubmit("invite", invite);
onSubmit("import", importCustomers);
report(showSessions);
