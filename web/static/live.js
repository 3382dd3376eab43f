// A part of a page that renews itself keeps what the reader has opened or is just typing.
"use strict";

const isTyping = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!part.matches("[data-live]")) return;
  if (isTyping(part)) {
    event.detail.shouldSwap = false; // the next poll brings it again
    return;
  }
  const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  const left = part.querySelector("[data-keep-scroll]")?.scrollLeft;
  document.addEventListener("htmx:afterSwap", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    const region = document.querySelector("[data-live] [data-keep-scroll]");
    if (region && left) region.scrollLeft = left;
  }, { once: true });
});

// On a phone the menu is longer than the screen: show the entry of this page.
const here = document.querySelector(".menu [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 3;
