// The chat updates itself: bubbles that are new are added, changed ones replaced, the rest (a playing sound) left alone.
(function () {
  "use strict";
  const chat = document.getElementById("chat");
  document.documentElement.classList.add("has-js");
  if (!chat) return;
  const atEnd = () => chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const toEnd = () => { chat.scrollTop = chat.scrollHeight; };
  const version = () => document.getElementById("bubbles").dataset.version;
  toEnd();

  chat.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") event.detail.parameters.version = version();
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const path = event.detail.pathInfo.requestPath;
    if (event.detail.xhr.status !== 200 || !/^\/phone\/[^/]+\/(updates|text|press|file)/.test(path)) return;
    const fresh = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").getElementById("bubbles");
    if (!fresh) return;
    merge(fresh, event.detail.requestConfig.verb === "post" || atEnd());
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") chat.classList.add("typing");
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    chat.classList.remove("typing");
    const form = event.detail.elt;
    if (event.detail.successful && form.classList && (form.classList.contains("say") || form.classList.contains("attach"))) form.reset();
  });

  function merge(fresh, follow) {
    const here = document.getElementById("bubbles");
    for (const item of Array.from(fresh.children)) {
      const old = item.id ? document.getElementById(item.id) : null;
      if (!old) {
        if (item.id || !daySeen(here, item.textContent)) here.append(item);
      } else if (old.dataset.edited !== item.dataset.edited) old.replaceWith(item);
    }
    here.dataset.version = fresh.dataset.version;
    htmx.process(here);
    if (follow) toEnd();
  }

  function daySeen(here, words) {
    return Array.from(here.querySelectorAll(".day")).some((day) => day.textContent === words);
  }
})();
