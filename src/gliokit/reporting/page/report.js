"use strict";
(function () {
  const copy = document.getElementById("copy");
  const text = document.getElementById("findings-text");

  function selectAndCopy() {
    const range = document.createRange();
    range.selectNodeContents(text);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const done = document.execCommand("copy");
    selection.removeAllRanges();
    return done;
  }

  copy.addEventListener("click", async function () {
    let done = false;
    try {
      await navigator.clipboard.writeText(text.textContent);
      done = true;
    } catch {
      done = selectAndCopy();
    }
    if (done) {
      const before = copy.textContent;
      copy.textContent = copy.dataset.done;
      setTimeout(function () { copy.textContent = before; }, 1500);
    }
  });

  const contours = document.getElementById("contours");
  contours.addEventListener("click", function () {
    const hidden = document.body.classList.toggle("no-contours");
    contours.setAttribute("aria-pressed", String(!hidden));
  });
})();
