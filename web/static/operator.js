// The operator's page works without this file. It only keeps a tap while the network is away, and sends it by itself.
"use strict";

const box = document.getElementById("kept");
const [words, drop] = [box.querySelector("p"), box.querySelector("button")];
const SHELF = "loaxa-kept";
const EVERY_MS = 20000;
const WAIT_MS = 25000;
let busy = false;

const shelf = () => { try { return JSON.parse(localStorage.getItem(SHELF)) || []; } catch { return []; } };
const put = (taps) => { try { localStorage.setItem(SHELF, JSON.stringify(taps)); return true; } catch { return false; } };
const without = (tap) => shelf().filter((one) => one.body !== tap.body || one.path !== tap.path);

// 17 giờ 25, by the phone's own clock: the owner reads it on that phone.
const clock = (ms) => { const at = new Date(ms); return `${String(at.getHours()).padStart(2, "0")} giờ ${String(at.getMinutes()).padStart(2, "0")}`; };

const tell = (name, at) => {
  const text = name in box.dataset ? box.dataset[name].replace("{gio}", clock(at)) : name;
  drop.hidden = name !== "kept";
  box.hidden = false;
  if (words.textContent !== text) words.textContent = text;
};

const go = (to) => { if (location.href.endsWith(to)) location.reload(); else location.assign(to); };

// The answer of our own server, or null: no network, a failing server, a page that asks to pay for Wi-Fi.
const send = async (tap) => {
  const body = `${tap.body}&ago_s=${Math.round((Date.now() - tap.at) / 1000)}`;
  const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT_MS);
  try {
    const answer = await fetch(tap.path, { method: "POST", headers, body, signal: stop.signal });
    const found = answer.status < 500 ? await answer.json() : null;
    return found && (found.to || found.told) ? found : null;
  } catch { return null; } finally { clearTimeout(timer); }
};

const keep = (tap) => {
  const known = shelf().find((one) => one.body === tap.body && one.path === tap.path) || tap; // the first tap counts
  const kept = put([...without(tap), known]);
  tell(kept ? "kept" : "lost", known.at);
};

const retry = async () => {
  if (busy || !shelf().length) return;
  busy = true;
  try {
    for (const tap of shelf()) {
      if (!shelf().some((one) => one.body === tap.body)) continue; // dropped meanwhile
      const found = await send(tap);
      if (!found) { tell("kept", tap.at); break; }
      put(without(tap));
      tell(found.told || "sent", tap.at);
      const isTyping = document.activeElement && document.activeElement.matches("input, select");
      if (found.to && !isTyping && found.to.startsWith(`${location.pathname}?`)) go(found.to);
    }
  } finally { busy = false; }
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const most = Number(form.dataset.mostMb || 0) * 1048576;
  if (most && [...form.querySelectorAll("[type=file]")].some((one) => [...one.files].some((file) => file.size > most))) {
    event.preventDefault();
    tell("large");
    box.scrollIntoView({ block: "center" });
    return;
  }
  if (!("keep" in form.dataset)) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  const button = event.submitter || form.querySelector("button");
  const label = button.innerHTML;
  button.textContent = box.dataset.busy;
  const tap = { path: new URL(form.action).pathname, body: new URLSearchParams(new FormData(form)).toString(), at: Date.now() };
  const found = await send(tap);
  delete form.dataset.sending;
  button.innerHTML = label;
  if (found && found.to) { put(without(tap)); go(found.to); }
  else if (found) form.submit(); // refused: the page itself says why, in full
  else { keep(tap); box.scrollIntoView({ block: "center" }); }
});

drop.addEventListener("click", () => { put([]); box.hidden = true; });
addEventListener("online", retry);
document.addEventListener("visibilitychange", () => { if (!document.hidden) retry(); });
setInterval(retry, EVERY_MS);
retry();
