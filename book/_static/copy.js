// A button beside each form of a citation copies it.
const told = Object.assign(document.createElement("p"), { className: "visually-hidden" });
told.setAttribute("role", "status");
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button.copy");
  if (!button) return;
  const text = button.parentElement.querySelector("pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    told.textContent = "Copied";
  } catch {
    // No access to the clipboard: the text is marked, for the reader to copy.
    getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
    button.textContent = "Selected";
    told.textContent = "Selected: copy it with the keyboard";
  }
  setTimeout(() => { button.textContent = "Copy"; told.textContent = ""; }, 2000);
});
document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("button.copy")) document.body.append(told);
  for (const button of document.querySelectorAll("button.copy")) button.hidden = false;
});
