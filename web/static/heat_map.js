// The map is walked with the arrow keys: one stop for the Tab key; the cell in focus, or under the pointer, is said below.
"use strict";

const gridOf = (node) => node.closest && node.closest("[data-grid]");
const isCell = (node) => node?.tagName === "TD" && node.parentElement.parentElement.tagName === "TBODY" && gridOf(node);
const rowsOf = (grid) => [...grid.tBodies[0].rows].map((row) => [...row.cells].filter((cell) => cell.tagName === "TD"));
const headOf = (cell) => gridOf(cell).querySelectorAll("[data-week]")[cell.cellIndex - 1];
const linkOf = (cell) => cell.parentElement.querySelector("th a");

const say = (cell) => {
  if (!cell.title) cell.title = `${linkOf(cell).textContent}, ${headOf(cell).title}: ${cell.textContent.trim()}`;
  const where = gridOf(cell).closest("section").querySelector("[data-where]");
  if (where) where.textContent = cell.title;
};

const enter = (cell, focus) => {
  gridOf(cell).querySelectorAll("td[tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
  cell.setAttribute("tabindex", "0");
  say(cell);
  if (focus) cell.focus();
};

const ready = (event) => document.querySelectorAll("[data-grid]").forEach((grid) => {
  const region = grid.closest("[data-keep-scroll]");
  if (!event && region) region.scrollLeft = region.scrollWidth; // on a phone the newest weeks are the ones to see
  const first = grid.tBodies[0].querySelector("td");
  if (first && !grid.tBodies[0].querySelector("td[tabindex]")) first.setAttribute("tabindex", "0");
});

document.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!isCell(cell)) return;
  const rows = rowsOf(gridOf(cell));
  const y = rows.findIndex((row) => row.includes(cell));
  const x = rows[y].indexOf(cell);
  const to = { ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1], ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], Home: [y, 0], End: [y, rows[y].length - 1] }[event.key];
  if (to) {
    event.preventDefault();
    const next = rows[to[0]]?.[to[1]];
    if (next) enter(next, true);
  } else if (event.key === "Enter") {
    const link = linkOf(cell).getAttribute("href");
    location.href = link.startsWith("/stations/") ? `${link}#tuan-${headOf(cell).dataset.week}` : link;
  }
});
document.addEventListener("focusin", (event) => { if (isCell(event.target)) enter(event.target, false); });
document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest && event.target.closest("td");
  if (isCell(cell)) say(cell);
});
document.addEventListener("click", (event) => {
  const cell = event.target.closest && event.target.closest("td");
  if (!isCell(cell)) return;
  cell.setAttribute("tabindex", "-1");
  enter(cell, true);
});
// The table renews itself: whoever walks in it stays in the same cell.
document.addEventListener("htmx:beforeSwap", (event) => {
  const cell = document.activeElement;
  if (!isCell(cell) || !event.detail.target.contains(cell)) return;
  const href = linkOf(cell).getAttribute("href");
  const x = cell.cellIndex;
  document.addEventListener("htmx:afterSwap", () => {
    const row = [...document.querySelectorAll("[data-grid] tbody tr")].find((one) => one.querySelector("th a").getAttribute("href") === href);
    if (row?.cells[x]) enter(row.cells[x], true);
  }, { once: true });
});
document.addEventListener("htmx:afterSwap", ready);
ready(null);
