// Renews a page in place when the server says so, without losing the place of
// keyboard and scrolling, shows times in the visitor's zone, adds copy buttons
// and the progress of uploads, asks in place before it acts, and plays HLS. The
// pages work without it.
"use strict";

const focusable = "a, button, input, select, summary, video, audio, [tabindex='0']";

function showLocalTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  }
}

function addCopyButtons() {
  if (!navigator.clipboard) return; // only offered to secure origins
  for (const code of document.querySelectorAll("code.copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copier";
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

// What the browser plays can have other proportions than the source: the pixels of some films are not square.
function fitPlayer() {
  const video = document.querySelector("video[width]");
  video?.addEventListener("loadedmetadata", () => {
    if (video.videoWidth) video.width = Math.round(video.height * video.videoWidth / video.videoHeight);
  });
}

// A fault at the head of a form leads to its field, and opens what that is in.
function addFaultLinks() {
  for (const link of document.querySelectorAll(".trouble a[href^='#']")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(link.hash.slice(1)).focus();
    });
  }
}

// What needs a confirmation is asked for above the page instead of on one of its own.
function addDialogs() {
  for (const link of document.querySelectorAll("a[data-confirm]")) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        const fresh = await page(link.href);
        const form = fresh.querySelector("main form[method='post']");
        if (!form || new URL(form.action).pathname !== new URL(link.href).pathname) throw new Error("no question");
        const dialog = document.createElement("dialog");
        dialog.setAttribute("aria-labelledby", "question");
        dialog.append(...document.adoptNode(fresh.querySelector("main > div")).childNodes);
        dialog.querySelector("h1").id = "question";
        dialog.querySelector("form a").addEventListener("click", (cancel) => { cancel.preventDefault(); dialog.close(); });
        dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
        document.body.append(dialog);
        dialog.showModal();
      } catch {
        location.assign(link.href);
      }
    });
  }
}

function addUpload() {
  const form = document.getElementById("upload");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const box = document.getElementById("progress"), bar = box.querySelector("progress"), note = box.querySelector("[role]");
    const button = form.querySelector("button"), request = new XMLHttpRequest();
    const failed = () => {
      button.disabled = false;
      note.textContent = "The upload broke off. Nothing was stored; send it again.";
    };
    button.disabled = true;
    box.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = Math.floor(100 * loaded / total);
      bar.value = percent;
      note.textContent = percent < 100 ? percent + " %" : "Storing the file …";
    });
    request.addEventListener("error", failed);
    request.addEventListener("load", () => {
      if (request.status === 200) return location.assign(request.responseURL);
      const fresh = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status === 401) {
        button.disabled = false;
        note.textContent = "Your session has ended. Sign in again in another tab, then send this form again.";
      } else {
        fresh.getElementById("file")?.replaceWith(document.getElementById("file")); // it stays chosen
        show(fresh);
      }
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

function enhance() {
  showLocalTimes();
  addCopyButtons();
  fitPlayer();
  addStream();
  addDialogs();
  addUpload();
  addFaultLinks();
}

// A hidden page, a question, a selection, a form being filled in and media being started or played are left alone.
function busy() {
  return document.hidden || document.querySelector("dialog") || !getSelection().isCollapsed ||
    document.activeElement?.matches("input, select, textarea") ||
    [...document.querySelectorAll("video, audio")].some((media) => !media.paused || media.played.length > 0 && !media.ended);
}

function showsMedia(page) {
  return page.querySelector("video, audio, img") !== null;
}

async function page(address) {
  const response = await fetch(address, { cache: "no-store", headers: { Accept: "text/html" } });
  if (response.status === 401) location.reload(); // to sign in
  if (!response.ok) throw new Error(response.statusText);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(fresh) {
  const focus = [...document.querySelectorAll(focusable)].indexOf(document.activeElement);
  document.title = fresh.title;
  document.body.replaceWith(document.adoptNode(fresh.body));
  enhance();
  if (focus >= 0) document.querySelectorAll(focusable)[focus]?.focus({ preventScroll: true });
}

let due = false; // a renewal that came at a busy time

async function renew() {
  due = true;
  if (busy()) return;
  const fresh = await page(location.href);
  if (busy()) return;
  due = false;
  if (showsMedia(fresh) !== showsMedia(document)) return location.reload(); // to get the content policy that allows it
  show(fresh);
}

function say(words) {
  const note = document.getElementById("freshness");
  if (note) note.textContent = words;
}

const silent = "The service does not respond; trying again";

// The page of an asset is told when it changes.
function follow() {
  const source = new EventSource(document.body.dataset.events);
  source.addEventListener("open", () => say("Live"));
  const follows = () => renew().then(() => say("Live"), () => say(silent));
  const catchUp = () => {
    if (due) follows();
  };
  source.addEventListener("changed", follows);
  source.addEventListener("alive", catchUp);
  document.addEventListener("visibilitychange", catchUp);
  source.addEventListener("done", () => {
    source.close();
    schedule(); // until the page has been left alone for long enough to show the end
  });
  source.addEventListener("error", () => {
    say(silent);
    if (source.readyState === EventSource.CLOSED) schedule(); // refused; look by the clock
  });
}

// Every other page, and one that cannot be told, looks by the clock.
function schedule() {
  const seconds = Number(document.body.dataset.refresh);
  if (!seconds) return;
  setTimeout(async () => {
    try {
      await renew();
    } catch {
      say(silent);
    }
    schedule();
  }, seconds * 1000);
}

enhance();
if (document.body.dataset.events && globalThis.EventSource) follow();
else schedule();
