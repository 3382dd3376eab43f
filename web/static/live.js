// A part of a page that renews itself keeps what the reader has opened, chosen or is just typing.
"use strict";

const isTyping = (part) => part.contains(document.activeElement) && document.activeElement.matches("input:not([type=radio]), textarea, select");

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!part.matches("[data-live]")) return;
  if (isTyping(part)) {
    event.detail.shouldSwap = false; // the next poll brings it again
    return;
  }
  const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  const chosen = [...part.querySelectorAll("input:checked[id]")].map((one) => one.id);
  const left = part.querySelector("[data-keep-scroll]")?.scrollLeft;
  document.addEventListener("htmx:afterSwap", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    chosen.forEach((id) => { const one = document.getElementById(id); if (one) one.checked = true; });
    const region = document.querySelector("[data-live] [data-keep-scroll]");
    if (region && left) region.scrollLeft = left;
  }, { once: true });
});

// On a phone the menu is longer than the screen: show the entry of this page.
const here = document.querySelector(".menu [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 3;
