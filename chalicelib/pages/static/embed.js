/* Shows a provider's sessions, or one session, in place of a link to them:
     <a href="https://book.example.org/p/studio" data-rollbook>Book at Studio</a>
   with data-lang="fr" and data-accent="#aa3366" if wished. The frame shows itself with its first message.
   Until then, and wherever it is refused, people see the link. */
(() => {
  const home = new URL(".", document.currentScript.src).href;

  function address(link) {
    const found = new URL(link.href);
    found.searchParams.set("embed", "1");
    if (link.dataset.lang) found.searchParams.set("lang", link.dataset.lang);
    if (link.dataset.accent) found.searchParams.set("accent", link.dataset.accent.replace("#", ""));
    return found;
  }

  function show(link) {
    const frame = document.createElement("iframe");
    const from = address(link);
    link.dataset.rollbook = "shown";
    frame.src = from.href;
    frame.title = link.textContent.trim();
    frame.style.cssText = "display:block;width:100%;height:0;border:0";
    addEventListener("message", (event) => {
      const told = event.data && event.data.rollbook;
      if (event.source !== frame.contentWindow || event.origin !== from.origin || !(told && told.height > 0)) return;
      frame.style.height = told.height + "px";
      if (frame.style.visibility && told.first && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      link.style.display = "none";
      frame.style.visibility = "visible";
    });
    link.after(frame);
  }

  function showAll() {
    for (const link of document.querySelectorAll("a[data-rollbook='']")) if (link.href.startsWith(home)) show(link);
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", showAll);
  else showAll();
})();
