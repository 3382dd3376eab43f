// The words light up as they are read; a tap on them or on the picture goes there. Without it, each clause is a link
// that opens the sound at its second.
"use strict";

for (const part of document.querySelectorAll("[data-hear]")) {
  const sound = part.querySelector("audio");
  const picture = part.querySelector(".wave");
  const line = part.querySelector(".wave .at");
  const list = part.querySelector(".clauses");
  const words = [...part.querySelectorAll("[data-at]")];
  const second = (one) => Number(one.dataset.at);
  let lit = null;

  const show = () => {
    const at = sound.currentTime + 0.05;
    const x = sound.duration ? (sound.currentTime / sound.duration) * picture.viewBox.baseVal.width : 0;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    const here = words.filter((one) => second(one) <= at).pop() ?? null;
    if (here === lit) return;
    lit?.removeAttribute("aria-current");
    here?.setAttribute("aria-current", "true");
    if (here && (here.offsetTop < list.scrollTop || here.offsetTop + here.offsetHeight > list.scrollTop + list.clientHeight)) {
      list.scrollTop = here.offsetTop - list.clientHeight / 3; // the list alone: the page stays where the reader is
    }
    lit = here;
  };
  const step = () => {
    show();
    if (!sound.paused) requestAnimationFrame(step);
  };
  const go = (to) => {
    sound.currentTime = to;
    sound.play();
  };

  sound.addEventListener("play", step);
  for (const moment of ["seeked", "timeupdate", "ended"]) sound.addEventListener(moment, show);
  for (const one of words) {
    one.addEventListener("click", (event) => {
      event.preventDefault();
      go(second(one));
    });
  }
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    if (sound.duration) go(((event.clientX - box.left) / box.width) * sound.duration);
  });
}
