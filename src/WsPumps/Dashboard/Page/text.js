// Names come from other people. They stand isolated, so that they turn nothing beside them; what cannot be seen is shown by its code
// point; and they are cut, with the whole text in the tooltip.
import { element } from "./dom.js";

const longest = 80;
const concealed = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const picture = /\p{Extended_Pictographic}/u;
const joinable = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u;

/** The text as a node of its own. */
export function shown(text, { className = "name", whole = false } = {}) {
  const points = [...text];
  const cut = !whole && points.length > longest;
  const node = element("bdi", className, ...parts(cut ? points.slice(0, longest) : points));
  if (cut)
    node.append("…");
  if (!whole)
    node.title = plain(text);
  return node;
}

/** The text for a tooltip or an attribute, which can have no nodes. */
export function plain(text) {
  const points = [...text];
  return points.map((point, i) => (isSeen(points, i) ? point : `[${nameOf(point)}]`)).join("");
}

function parts(points) {
  const nodes = [];
  let run = "";
  points.forEach((point, i) => {
    if (isSeen(points, i)) {
      run += point;
      return;
    }

    nodes.push(run, element("span", "control", nameOf(point)));
    run = "";
  });
  return [...nodes, run];
}

/** Emoji are joined and coloured by code points that are seen in them, and in them only. */
function isSeen(points, i) {
  const point = points[i];
  if (point === " ")
    return true;
  if (point === "\uFE0F")
    return picture.test(points[i - 1] ?? "");
  if (point === "\u200D")
    return joinable.test(points[i - 1] ?? "") && picture.test(points[i + 1] ?? "");
  return !concealed.test(point);
}

function nameOf(point) {
  return `U+${point.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
