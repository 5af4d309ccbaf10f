// Renews the figures of the status page in place: what is open stays open, what has the focus keeps it. It stops in tabs
// that nobody sees, and when the reader says so; when the server does not answer, it says since when and goes on asking.
const EVERY_MS = 5_000;
const PATIENCE_MS = 4_000;

const main = document.querySelector('main');
const live = document.querySelector('#live');
const pause = document.querySelector('#pause');
const notice = document.querySelector('#notice');
let timer;
let isPaused = false;
let isAsking = false;
let title = document.title;

pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? 'Resume updates' : 'Pause updates';
  resume();
});
document.addEventListener('visibilitychange', resume);
pause.hidden = false;
plan();

/** At once where it may, as the figures may be old. */
function resume() {
  plan();
  if (mayAsk()) void renew();
}

function plan() {
  clearTimeout(timer);
  live.textContent = isPaused ? 'Paused' : `Updates every ${EVERY_MS / 1_000} s`;
  if (mayAsk()) timer = setTimeout(() => void renew(), EVERY_MS);
}

function mayAsk() {
  return !isPaused && !document.hidden;
}

async function renew() {
  if (isAsking) return;
  isAsking = true;
  try {
    show(await newest());
  } catch {
    complain();
  } finally {
    isAsking = false;
    plan();
  }
}

async function newest() {
  const answer = await fetch(location.href, {
    headers: { Accept: 'text/html' },
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

function show(page) {
  const renewed = page.querySelector('main');
  if (!renewed) throw new Error('answered with another page');
  renewChildren(main, renewed);
  title = page.title;
  document.title = title;
  if (notice.textContent !== '') notice.textContent = '';
}

function complain() {
  const since = main.querySelector('.as-of time')?.textContent;
  document.title = `No answer – ${title}`;
  const text = `The server does not answer. These figures are of ${since} UTC.`;
  if (notice.textContent !== text) notice.textContent = text;
}

/** Makes one element like another by the fewest changes. */
function renewChildren(element, like) {
  const [mine, others] = [[...element.childNodes], [...like.childNodes]];
  for (const [index, other] of others.entries()) {
    const own = mine[index];
    if (!own) element.append(document.importNode(other, true));
    else renewNode(own, other);
  }
  for (const surplus of mine.slice(others.length)) surplus.remove();
}

function renewNode(node, like) {
  if (node.nodeName !== like.nodeName) return node.replaceWith(document.importNode(like, true));
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== like.data) node.data = like.data;
    return undefined;
  }
  for (const { name, value } of like.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  for (const name of node.getAttributeNames()) {
    if (!like.hasAttribute(name) && name !== 'open') node.removeAttribute(name);
  }
  return renewChildren(node, like);
}
