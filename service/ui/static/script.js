// Renews a page in place while the server says so, without losing the place of
// keyboard and scrolling, and adds copy buttons. The pages work without it.
"use strict";

const focusable = "a, button, input, video, audio, [tabindex='0']";

function addCopyButtons() {
  if (!navigator.clipboard) return; // only offered to secure origins
  for (const code of document.querySelectorAll("code.copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + code.dataset.name);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code); // not permitted: leave it to Ctrl+C
      }
    });
    code.after(" ", button);
  }
}

// A hidden page, a selection and a search being typed are left alone.
function busy() {
  return document.hidden || !getSelection().isCollapsed || document.activeElement instanceof HTMLInputElement;
}

async function renew() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (busy()) return;
  const focus = [...document.querySelectorAll(focusable)].indexOf(document.activeElement);
  document.title = fresh.title;
  document.body.replaceWith(document.adoptNode(fresh.body));
  addCopyButtons();
  if (focus >= 0) document.querySelectorAll(focusable)[focus]?.focus({ preventScroll: true });
}

function schedule() {
  const seconds = Number(document.body.dataset.refresh);
  if (!seconds) return;
  setTimeout(async () => {
    try {
      if (!busy()) await renew();
    } catch {
      document.getElementById("freshness").textContent = "The service does not answer; trying again";
    }
    schedule();
  }, seconds * 1000);
}

addCopyButtons();
schedule();
