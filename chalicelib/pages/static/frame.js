/* A page in a frame on another site: it tells its height, which is no secret, and what does not belong into the frame opens beside it. */

let first = true;

function tell() {
  parent.postMessage({ rollbook: { height: Math.ceil(document.documentElement.getBoundingClientRect().height), first } }, "*");
  first = false;
}

function stays(address) {
  return new URL(address, location.href).searchParams.get("embed") === "1";
}

/* A form that searches replaces the query of its address. */
function keep(form) {
  for (const name of ["embed", "accent", "lang"]) {
    const value = new URLSearchParams(location.search).get(name);
    if (value && !form.elements[name]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !stays(link.href)) link.target = "_blank";
}, true);

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get") return keep(form);
  if (!stays(event.submitter?.getAttribute("formaction") ?? form.action)) form.target = "_blank"; // Without it, `formAction` is this page.
}, true);

new ResizeObserver(tell).observe(document.documentElement);
