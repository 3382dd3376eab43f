// Shows the name of the chosen file, since the browser's own field is hidden behind its label.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "file") return;
  const face = field.parentElement?.querySelector(".file-face");
  if (face) face.textContent = field.files?.[0]?.name ?? "Chọn tệp";
});
