"use strict";
// Filters the claims, keeps the filters in the address, and opens the claim that the address names.
(() => {
  const form = document.getElementById("filters");
  const shown = form.querySelector("output");
  const claims = [...document.querySelectorAll("article")];
  const texts = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));
  const fields = [...form.elements].filter((field) => field.name);

  const filter = () => {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = fields.filter((field) => field.name !== "q" && field.value);
    for (const claim of claims) {
      const fits = chosen.every((field) => claim.dataset[field.name] === field.value);
      claim.hidden = !(fits && words.every((word) => texts.get(claim).includes(word)));
    }
    for (const part of document.querySelectorAll(".experiment")) {
      part.hidden = !part.querySelector("article:not([hidden])");
    }
    shown.value = `${claims.filter((claim) => !claim.hidden).length} of ${claims.length} claims`;
  };

  const remember = () => {
    const used = fields.filter((field) => field.value).map((field) => [field.name, field.value]);
    const query = new URLSearchParams(used).toString();
    history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
  };

  const open = () => {
    const body = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const claim = body && body.closest("article");
    if (!claim) return;
    if (claim.hidden) {
      form.reset();
      filter();
    }
    claim.querySelector("details").open = true;
    claim.querySelector("summary").focus({ preventScroll: true });
    claim.scrollIntoView();
  };

  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  form.addEventListener("input", () => { filter(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", open);
  const closed = [];
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll('article:not([data-verdict="not-tested"]) details:not([open])')) {
      details.open = true;
      closed.push(details);
    }
    for (const image of document.images) image.loading = "eager";
  });
  window.addEventListener("afterprint", () => {
    for (const details of closed.splice(0)) details.open = false;
  });
  form.hidden = false;
  filter();
  open();
})();
