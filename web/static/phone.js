// The phone's page: merge what the poll brings without disturbing what is being heard, read or typed.
"use strict";

const byId = (id) => document.getElementById(id);
let lastPeople = "";

// Keyed merge: bubbles are added, replaced when their version differs, and removed; the others stay as they are.
function mergeChat(answer) {
  const old = byId("chat");
  const fresh = new DOMParser().parseFromString(answer, "text/html").getElementById("chat");
  if (!old || !fresh) return;
  byId("chat-version").value = fresh.querySelector("#chat-version").value;
  const wanted = new Set([...fresh.children].map((one) => one.id));
  [...old.children].forEach((one) => wanted.has(one.id) || one.remove());
  let place = null;
  for (const one of [...fresh.children]) {
    const here = byId(one.id);
    if (!here) {
      place ? place.after(one) : old.prepend(one);
      one.classList.add("fresh");
      htmx.process(one);
      place = one;
    } else {
      if (here.dataset.version !== one.dataset.version) renew(here, one);
      place = here;
    }
  }
}

// Whoever pressed or wrote sees the answer, also from further up; a long one from its first line.
function showAnswer() {
  byId("chat").lastElementChild?.scrollIntoView({ block: "nearest" });
}

// A sound, picture or file of a message never changes: keep the old one, so that a sound plays on.
function renew(here, one) {
  const oldMedia = here.querySelector(".media");
  const newMedia = one.querySelector(".media");
  const hadFocus = here.contains(document.activeElement);
  here.dataset.version = one.dataset.version;
  [...here.children].forEach((child) => child === oldMedia && newMedia ? null : child.remove());
  if (oldMedia && newMedia) newMedia.remove();
  here.append(...one.childNodes);
  htmx.process(here);
  if (!hadFocus) return;
  here.tabIndex = -1; // the pressed button is gone: keep the reader's place
  here.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target.id === "people") {
    event.detail.shouldSwap = xhr.status === 200 && xhr.responseText !== lastPeople;
    lastPeople = xhr.responseText;
  } else if (target.id === "chat") {
    event.detail.shouldSwap = false;
    const failed = xhr.status >= 400;
    if (xhr.status === 200) mergeChat(xhr.responseText);
    if (xhr.status === 200 && event.detail.requestConfig.verb === "post") showAnswer();
    if (failed || event.detail.requestConfig.verb === "post") byId("trouble").innerHTML = failed ? xhr.responseText : "";
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, xhr } = event.detail;
  byId("offline")?.toggleAttribute("hidden", xhr.status !== 0);
  if (successful && elt.matches(".say, .attach")) elt.reset();
});

// Enter sends, Shift+Enter begins a new line, as in messengers.
byId("text")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// One sound at a time, and its bars show how far it is.
document.addEventListener("play", (event) => {
  document.querySelectorAll("audio").forEach((one) => one === event.target || one.pause());
}, true);
document.addEventListener("timeupdate", (event) => {
  const { currentTime, duration, parentElement } = event.target;
  const bars = parentElement.querySelectorAll(".wave rect");
  bars.forEach((bar, at) => bar.classList.toggle("heard", at / bars.length < currentTime / duration));
}, true);
