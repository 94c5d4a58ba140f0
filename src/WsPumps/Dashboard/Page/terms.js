// What terms mean that nobody can guess: a click, a key or a finger on one shows it.
import { element } from "./dom.js";

const terms = {
  "Waiting for room": "Messages whose writers wait until the queue has room for them.",
  Writes: "Straight to the socket is the short way; through the server, its own output takes each message first.",
  "Heartbeat lag": "How late the check of all connections came, which is due each second. Much of it: blocked threads or a busy processor.",
  Pauses: "How long the garbage collector has held all threads.",
  "Thread pool": "Work that waits for long means that threads are blocked, or too few.",
  Missing: "Messages of other servers that never came.",
  Outbox: "Messages for other servers that have not left yet; those that found no room there are dropped.",
};

/** As the metrics name them. */
const endings = {
  peer_closed: "The peer closed it.",
  local_closed: "The application closed it, or a kick.",
  shutdown: "The server stopped, or was drained.",
  connection_lost: "The network broke, or the peer went away without a close frame.",
  slow_client: "Its queue was full, and its policy is to disconnect.",
  write_timeout: "A write made no progress for too long: the peer does not read.",
  pong_timeout: "No answer to a ping, nor anything else, for too long.",
  message_too_big: "The peer sent a message above the limit.",
  protocol_error: "The peer broke the protocol, or sent text that is not UTF-8.",
  handler_error: "A handler threw an exception: see the log of the server.",
  aborted: "The application cut it off, without a close frame.",
  server_error: "A callback failed or took too long: see the log of the server.",
  authentication_expired: "The authentication of the user expired and was not refreshed.",
  replaced: "A newer connection took its place, because of a limit.",
  rate_limited: "The peer sent more than it may.",
  message_timeout: "A message did not arrive whole in time.",
  first_message_timeout: "No message came in time.",
  lifetime_over: "It reached the longest time that a connection may last.",
  message_abandoned: "A streamed message was given up before it was complete.",
  moved: "Its session goes on at another server.",
  not_created: "The application failed to make its client: see the log of the server.",
  unknown: "A client of the application's own does not say why.",
};

const severities = { good: "As it should be.", bad: "A fault of the server." };

/** @param ending as the metrics name it, or as the log does. */
export function whyEnded(ending, severity) {
  const name = ending.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  return [endings[name], severities[severity]].filter(Boolean).join(" ");
}

/**
 * A term, and what it means, hidden until it is asked for.
 * @returns {[Node | string, Node | string]} the second is empty where there is nothing to explain.
 */
export function explained(term, why = terms[term], kind = "p") {
  if (!why)
    return [term, ""];

  const meaning = element(kind, "meaning", why);
  meaning.hidden = true;
  const button = element("button", "term", term);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    meaning.hidden = !meaning.hidden;
    button.setAttribute("aria-expanded", String(!meaning.hidden));
  });
  return [button, meaning];
}
