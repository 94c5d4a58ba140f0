import { Feed } from './feed.js';
import { Panel } from './panel.js';

const charted = 'ACME';
const settings = Object.fromEntries(['link', 'policy'].map((id) => [id, document.getElementById(id)]));
// Names this page to the server, which tells its fast connection about both.
const view = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const fast = new Panel('fast', 'Fast', 'Takes everything at once: every price, as it is made.', charted);
const slow = new Panel('slow', 'Slow', '', charted);
document.getElementById('panels').append(fast.node, slow.node);

const panels = { fast, slow };
const feeds = {
  fast: new Feed(() => address('fast', 'Disconnect'), fast, onMessage),
  slow: new Feed(() => address('slow', settings.policy.value, settings.link.value), slow, onMessage),
};

for (const setting of Object.values(settings)) setting.addEventListener('change', () => {
  describe();
  slow.clear();
  feeds.slow.restart();
});

describe();
feeds.fast.restart();
feeds.slow.restart();
setInterval(draw, 100);
setInterval(() => Object.values(panels).forEach((panel) => panel.showFigures()), 500);

/**
 * The clocks of server and page differ. What the quickest message of the fast connection needed is taken for their
 * difference, and all ages are counted from there.
 */
let difference = Infinity;

function onMessage(panel, message) {
  if (message.type === 'statistics') return panels[message.panel]?.showStatistics(message);

  const now = Date.now();
  if (panel === fast) difference = Math.min(difference, now - message.time);
  panel.price(message, now, Math.max(0, now - message.time - difference));
}

function draw() {
  fast.draw(fast.points);
  slow.draw(fast.points);
}

function describe() {
  const what = {
    Conflate: 'A new price takes the place of the old one of its symbol that still waits. Fewer updates, each as new as the link allows.',
    DropOldest: 'All prices wait in line, and the oldest are lost. What comes has waited for all others before it.',
    DropNewest: 'All prices wait in line, and when it is full the new ones are lost. What comes is old.',
    Disconnect: 'When the line is full the connection is closed with 1008. The page comes back and starts afresh.',
  };
  slow.about = `A link of ${settings.link.selectedOptions[0].text}. ${what[settings.policy.value]}`;
}

function address(panel, policy, link) {
  const url = new URL('prices', location.href);
  url.search = new URLSearchParams({ view, panel, policy, ...(link && { link }) });
  return url;
}
