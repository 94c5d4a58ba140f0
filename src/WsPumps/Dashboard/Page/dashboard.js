import { ConnectionsView } from "./connections.js";
import { ConnectionView, GroupView } from "./details.js";
import { byId } from "./dom.js";
import { GroupsView } from "./groups.js";
import { allowKicks, showKicked } from "./kick.js";
import { LogView } from "./log.js";
import { showHistory, showOverview } from "./overview.js";
import { ClusterView, showNode } from "./server.js";
import { ReconnectingWebSocket } from "./ws-pumps.js";

const views = {
  connections: new ConnectionsView(send, ask),
  connection: new ConnectionView(send),
  groups: new GroupsView(ask),
  group: new GroupView(send, ask),
  log: new LogView(ask),
  node: { show: showNode },
  cluster: new ClusterView(send),
};
let view = "connections";
let name = "";
let socket;
let noticeTimer;

function connect() {
  socket = new ReconnectingWebSocket(new URL("./live", import.meta.url));
  socket.onopen = () => {
    allowKicks(true, notice);
    ask();
  };
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onreconnecting = () => lose("Connection lost. Trying again");
  socket.onclose = (event) => lose(`Closed: ${event.reason || event.code}. Reload the page to try again`);
}

function lose(why) {
  say(why, "lost");
  allowKicks(false, notice);
}

function send(message) {
  if (socket.readyState === WebSocket.OPEN)
    socket.send(JSON.stringify(message));
}

/** Says what this page looks at. */
function ask() {
  send({ show: { view, name, ...views[view].query } });
}

function receive(message) {
  switch (message.type) {
    case "history":
      showHistory(message);
      break;
    case "kicked":
      showKicked(message, notice);
      views.cluster.findAgain();
      break;
    case "found":
      views.cluster.showFound(message);
      break;
    default:
      show(message);
  }
}

function show(now) {
  say(now.draining ? "Draining: no new connections" : "Live", now.draining ? "lost" : "live");
  showOverview(now);
  byId("cluster-tab").hidden = !now.hasCluster;
  // The answer to an older question shows nothing of this view.
  if (now.query.view !== view || (now.query.name ?? "") !== name)
    return;

  views[view].show(now);
  showSections(true);
}

function showSections(isKnown) {
  for (const section of document.querySelectorAll("[data-view]"))
    section.hidden = !isKnown || !section.dataset.view.split(" ").includes(view);
}

function say(text, kind) {
  const state = byId("state");
  // A status is read out when it changes.
  if (state.textContent !== text)
    state.textContent = text;
  state.className = `state ${kind}`;
}

function notice(text, isBad, lasts = false) {
  const box = byId("notice");
  box.textContent = text;
  box.className = isBad ? "lost" : "";
  box.hidden = !text;
  clearTimeout(noticeTimer);
  if (!lasts)
    noticeTimer = setTimeout(() => (box.hidden = true), 10_000);
}

/** #/view or #/view/name, so that the browser can go back and an address can be passed on. */
function route() {
  const [, wanted, ...rest] = location.hash.split("/");
  view = wanted in views ? wanted : "connections";
  name = decode(rest.join("/"));
  views[view].first?.();
  // Nobody is shown under the name of another: a page of one connection or group waits for its answer.
  showSections(!name);
  for (const tab of document.querySelectorAll("nav a")) {
    if (tab.dataset.views.split(" ").includes(view))
      tab.setAttribute("aria-current", "page");
    else
      tab.removeAttribute("aria-current");
  }

  ask();
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

connect();
window.addEventListener("hashchange", route);
route();
