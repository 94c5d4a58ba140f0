import { element } from "./dom.js";
import { plain } from "./text.js";

const unavailable = "Not while the connection to the server is lost";

let isAvailable = true;
let unanswered = 0;

/** Without a connection nothing would be sent, and nobody would know. */
export function allowKicks(isOpen, notice) {
  const isChange = isAvailable !== isOpen;
  isAvailable = isOpen;
  if (!isChange)
    return;

  for (const button of document.querySelectorAll("button.asks")) {
    button.calm?.();
    allow(button);
  }

  const doubt = unanswered > 0 ? "A kick has had no answer: look whether it has arrived. " : "";
  unanswered = isOpen ? 0 : unanswered;
  notice(isOpen ? doubt : `${doubt}Until the connection is back, nobody can be kicked and the figures stand still.`, true, !isOpen);
}

function allow(button) {
  button.disabled = !isAvailable;
  button.title = isAvailable ? "" : unavailable;
}

/** A button that asks once more before it does it. */
export function kickButton(send, kind, name, label = "Kick") {
  const button = element("button", "asks", label);
  button.type = "button";
  allow(button);
  const calm = () => {
    button.textContent = label;
    button.classList.remove("sure");
    button.setAttribute("aria-label", `${label} ${kind} ${plain(name)}`);
  };
  calm();
  // A button that is switched off loses the focus without an event.
  button.calm = calm;
  button.addEventListener("blur", calm);
  button.addEventListener("click", () => {
    if (button.classList.contains("sure")) {
      unanswered++;
      send({ kick: { kind, name } });
      calm();
      return;
    }

    button.textContent = "Really?";
    button.classList.add("sure");
    button.setAttribute("aria-label", `Really kick ${kind} ${plain(name)}?`);
    button.focus();
  });
  return button;
}

export function showKicked({ target, closed, missing }, notice) {
  unanswered = Math.max(0, unanswered - 1);
  const what = closed === 1 ? "1 connection is closed" : `${closed} connections are closed`;
  notice(missing.length ? `${what}. No answer from ${missing.map(plain).join(", ")}` : `${what}: ${target.kind} ${plain(target.name)}`,
    missing.length > 0);
}
