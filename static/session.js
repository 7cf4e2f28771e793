// The end of a session: a warning before, and after it a page that covers what was typed until its person is back.
//
// What was typed stays where it is, in the page. It is never written to the browser's storage, and is dropped when nobody
// came back for it. The server alone knows how long a session lasts: work in another tab prolongs it.

const ended = document.getElementById("session-ended");
const warning = document.getElementById("session-warning");
const { person, session, signIn, signOut, start, title } = ended.dataset;
const [idle, warn, keep] = ["idle", "warn", "keep"].map((name) => Number(ended.dataset[name]) * 1000);
const BACKGROUND = { "Necapp-Background": "true", Accept: "application/json" };
const NOTED_EVERY = 60000;

let endsAt = Date.now() + Number(ended.dataset.seconds) * 1000;
let notedAt = Date.now();
let holdsEntries = false; // or the page says so, at once or after entries of before were put into it
let coveredAt = null;
let pageTitle = "";
let isAsking = false;

// ---- what the server says

async function ask(options) {
  const response = await fetch(session, { cache: "no-store", ...options });
  return response.json();
}

// Who is signed in now, and until when.
async function check() {
  if (isAsking) return;
  isAsking = true;
  try {
    obey(await ask({ headers: BACKGROUND }));
  } catch {
    if (Date.now() >= endsAt) end(); // out of reach, and the time is over
  } finally {
    isAsking = false;
  }
}

function obey(said) {
  refreshTokens(said.token);
  if (said.person === null) return end();
  if (String(said.person) !== person) return leave(start);
  endsAt = Date.now() + said.seconds * 1000;
  if (coveredAt) uncover();
  else if (said.seconds * 1000 > warn && warning.open) warning.close();
}

async function stay() {
  notedAt = Date.now();
  try {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token());
    obey(await ask({ method: "POST", headers: { Accept: "application/json" }, body }));
  } catch {
    check(); // such as after a sign-in in another tab, which changed the token
  }
}

// ---- tokens of forms, which change with every sign-in

function token() {
  return document.querySelector("input[name='csrfmiddlewaretoken']").value;
}

function refreshTokens(value) {
  for (const input of document.querySelectorAll("input[name='csrfmiddlewaretoken']")) input.value = value;
}

// ---- before the end

function tick() {
  const now = Date.now();
  if (coveredAt) {
    if (now - coveredAt > keep) leave(signIn);
  } else if (now >= endsAt) {
    check();
  } else if (endsAt - now <= warn) {
    const seconds = Math.ceil((endsAt - now) / 1000);
    const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    warning.querySelector("[data-left]").textContent = left;
    if (!warning.open && !isAsking) check().then(warnUnlessProlonged);
  }
}

function warnUnlessProlonged() {
  if (!coveredAt && !warning.open && endsAt - Date.now() <= warn) warning.showModal();
}

// ---- after the end

// A page into which nothing was typed goes to the sign-in; any other is covered.
function end() {
  if (coveredAt) return;
  if (!holdsEntries && !("holdsEntries" in ended.dataset)) return leave(`${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
  coveredAt = Date.now();
  pageTitle = document.title;
  document.title = title;
  document.body.classList.add("session-covered");
  warning.close();
  const place = ended.querySelector("[data-form]");
  place.replaceChildren(document.getElementById("session-form").content.cloneNode(true));
  place.querySelector("[data-unreachable]").hidden = true;
  // With the hospital's identity there is a link in place of the form: its tab is left, and `visibilitychange` says so.
  place.querySelector("form")?.addEventListener("submit", signInAgain);
  ended.showModal();
  place.querySelector("[type='password'], a").focus();
}

function uncover() {
  coveredAt = null;
  document.title = pageTitle;
  document.body.classList.remove("session-covered");
  ended.querySelector("[data-form]").replaceChildren(); // the password with it
  ended.close();
}

function leave(address) {
  holdsEntries = false;
  history.replaceState(null, ""); // with what was entered
  document.body.classList.add("session-covered");
  location.replace(address);
}

async function signInAgain(event) {
  event.preventDefault();
  const form = event.target;
  const [error, unreachable] = [form.querySelector("[data-error]"), ended.querySelector("[data-unreachable]")];
  error.textContent = "";
  try {
    await check(); // the token in force, or that its person is back by another tab
    if (!coveredAt) return;
    const body = new FormData(form);
    body.set("csrfmiddlewaretoken", token());
    const response = await fetch(signIn, { method: "POST", headers: { Accept: "application/json" }, body });
    const said = await response.json();
    form.elements.token.value = "";
    if (response.ok) obey(said);
    else error.textContent = said.error;
  } catch {
    error.textContent = unreachable.textContent;
  }
}

// ---- what is done on the page

document.addEventListener("input", (event) => {
  if (coveredAt || !event.isTrusted || warning.contains(event.target)) return;
  holdsEntries = true;
  if (Date.now() - notedAt > NOTED_EVERY) stay();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.requestConfig.headers["Necapp-Background"] && detail.successful) endsAt = Date.now() + idle;
});
document.addEventListener("signed-out", () => {
  holdsEntries = true; // what was to be sent
  end();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) check();
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) check();
});
warning.addEventListener("close", () => {
  if (!coveredAt && endsAt - Date.now() <= warn) stay();
});
ended.addEventListener("cancel", (event) => event.preventDefault());
ended.querySelector("[data-discards]").addEventListener("click", () => leave(signIn));
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") === signOut) history.replaceState(null, "");
});
setInterval(tick, 1000);
