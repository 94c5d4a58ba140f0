import { element } from "./dom.js";
import { plain } from "./text.js";

/** A button that asks once more before it does it. */
export function kickButton(send, kind, name, label = "Kick") {
  const button = element("button", "", label);
  button.type = "button";
  const calm = () => {
    button.textContent = label;
    button.className = "";
    button.setAttribute("aria-label", `${label} ${kind} ${plain(name)}`);
  };
  calm();
  button.addEventListener("blur", calm);
  button.addEventListener("click", () => {
    if (button.className === "sure") {
      send({ kick: { kind, name } });
      calm();
      return;
    }

    button.textContent = "Really?";
    button.className = "sure";
    button.setAttribute("aria-label", `Really kick ${kind} ${plain(name)}?`);
    button.focus();
  });
  return button;
}

export function showKicked({ target, closed, missing }, notice) {
  const what = closed === 1 ? "1 connection is closed" : `${closed} connections are closed`;
  notice(missing.length ? `${what}. No answer from ${missing.map(plain).join(", ")}` : `${what}: ${target.kind} ${plain(target.name)}`,
    missing.length > 0);
}
