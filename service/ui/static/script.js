// Renews a page in place while the server says so, without losing the place of
// keyboard and scrolling, adds copy buttons, and plays HLS. The pages work
// without it.
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

// Pages with an HLS stream bring hls.js along. A browser in which that does not
// work is one that plays such streams by itself.
let stream;

function addStream() {
  stream?.destroy();
  stream = undefined;
  const source = document.querySelector("source[type='application/vnd.apple.mpegurl']");
  if (!source || !globalThis.Hls?.isSupported()) return;
  const video = source.parentElement;
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  video.after(note);
  // Without a worker, which would be an inline script; until it is played, no more than shows its length.
  stream = new Hls({ enableWorker: false, maxMaxBufferLength: 1 });
  stream.on(Hls.Events.ERROR, (_, fault) => {
    if (fault.fatal) note.textContent = `The stream does not play (${fault.details}). Reload the page to try again.`;
  });
  stream.loadSource(source.src);
  stream.attachMedia(video);
  video.addEventListener("play", () => { stream.config.maxMaxBufferLength = 60; }, { once: true });
}

// A hidden page, a selection, a search being typed and media being played are left alone.
function busy() {
  return document.hidden || !getSelection().isCollapsed || document.activeElement instanceof HTMLInputElement ||
    [...document.querySelectorAll("video, audio")].some((media) => media.played.length > 0 && !media.ended);
}

function showsMedia(page) {
  return page.querySelector("video, audio, img") !== null;
}

async function renew() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok) throw new Error(response.statusText);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (busy()) return;
  if (showsMedia(fresh) !== showsMedia(document)) return location.reload(); // to get the content policy that allows it
  const focus = [...document.querySelectorAll(focusable)].indexOf(document.activeElement);
  document.title = fresh.title;
  document.body.replaceWith(document.adoptNode(fresh.body));
  addCopyButtons();
  addStream();
  if (focus >= 0) document.querySelectorAll(focusable)[focus]?.focus({ preventScroll: true });
}

function schedule() {
  const seconds = Number(document.body.dataset.refresh);
  if (!seconds) return;
  setTimeout(async () => {
    try {
      if (!busy()) await renew();
    } catch {
      document.getElementById("freshness").textContent = "The service does not respond; trying again";
    }
    schedule();
  }, seconds * 1000);
}

addCopyButtons();
addStream();
schedule();
