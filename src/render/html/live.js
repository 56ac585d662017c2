// Keeps a page of the dashboard current: when the controller says that something has changed, the page is asked for again and
// its changing part replaced. Without this script the page is whole, and is reloaded by hand.
"use strict";
(() => {
  const status = document.getElementById("live");
  const current = () => document.getElementById("current");
  let source = null;
  let timer = 0;
  let busy = false;
  let missed = false;

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const key = (element) => element.getAttribute("href") || element.getAttribute("aria-label");
  const same = (element, others) =>
    Array.from(others).find((other) => other.tagName === element.tagName && key(other) === key(element));

  function replace(page) {
    const [before, after] = [current(), page.getElementById("current")];
    if (!after) throw new Error("another page");
    const focused = before.contains(document.activeElement) ? document.activeElement : null;
    const kept = Array.from(before.querySelectorAll(".wide, details"), (one) => [one, one.scrollLeft]);
    before.replaceWith(document.adoptNode(after));
    for (const [one, left] of kept) {
      const other = same(one, after.querySelectorAll(".wide, details"));
      if (other) [other.scrollLeft, other.open] = [left, one.open];
    }
    const other = focused && same(focused, after.querySelectorAll("a, .wide, summary"));
    if (other) other.focus({ preventScroll: true });
    document.title = page.title;
    // Only what matters is said aloud.
    const changed = before.dataset.summary !== after.dataset.summary;
    say(changed ? `Live. Now: ${after.dataset.summary}.` : "Live: this page keeps itself current.");
  }

  async function refresh() {
    missed = busy;
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      say("Not live: this page could not be loaded again. Reload for the current state.");
    }
    busy = false;
    if (missed) refresh();
  }

  function listen() {
    clearTimeout(timer);
    if (source) source.close();
    source = new EventSource(`/live?after=${encodeURIComponent(current().dataset.number)}`);
    source.onopen = () => {
      clearTimeout(timer);
      if (!status.textContent.startsWith("Live")) say("Live: this page keeps itself current.");
    };
    source.addEventListener("change", refresh);
    source.onerror = () => {
      // A browser connects again by itself, unless it was refused.
      if (source.readyState === EventSource.CLOSED) {
        say("Not live: trying again in half a minute.");
        timer = setTimeout(listen, 30000);
      } else {
        clearTimeout(timer);
        timer = setTimeout(() => say("Not live: no connection to the controller. Reload for the current state."), 10000);
      }
    };
  }

  // A page that nobody sees takes no connection.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return listen();
    clearTimeout(timer);
    if (source) source.close();
  });
  if (!document.hidden) listen();
})();
