// Names of options and of tests are long. In tables they may break between their words, so that the columns beside them stay in sight.
const betweenWords = /(?<=[a-z0-9])(?=[A-Z])|(?<=[_.:,])(?=\w)/;

function breakNames() {
  for (const name of document.querySelectorAll("article td code")) {
    const words = name.textContent.split(betweenWords);
    name.replaceChildren(...words.flatMap((word, i) => (i === 0 ? [word] : [document.createElement("wbr"), word])));
  }
}

// A sentence in a table of many columns needs some width, or its row is taller than a phone.
function widenSentences() {
  for (const cell of document.querySelectorAll("article td"))
    cell.classList.toggle("sentence", cell.textContent.length > 70 && cell.parentElement.cells.length > 3);
}

export default {
  start() {
    breakNames();
    widenSentences();
  },
};
