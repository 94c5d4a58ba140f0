export const byId = (id) => document.getElementById(id);

export function element(name, className, ...children) {
  const created = document.createElement(name);
  if (className)
    created.className = className;
  created.append(...children);
  return created;
}

/** Replaces what is in a node, but only where it is something else: what is replaced loses the focus, a selection and its tooltip. */
export function put(node, key, content) {
  if (node.shownKey === key)
    return;

  node.shownKey = key;
  node.replaceChildren(...[content].flat());
}

/** Keeps one child for each item, in their order. */
export function keep(parent, items, keyOf, create, fill) {
  const before = new Map([...parent.children].map((child) => [child.itemKey, child]));
  items.forEach((item, i) => {
    const key = keyOf(item);
    let child = before.get(key);
    before.delete(key);
    if (!child) {
      child = create(item);
      child.itemKey = key;
    }

    fill?.(child, item);
    // Moved only where the order changed: a button that is moved loses the focus.
    if (parent.children[i] !== child)
      parent.insertBefore(child, parent.children[i] ?? null);
  });
  for (const child of before.values())
    child.remove();
}
