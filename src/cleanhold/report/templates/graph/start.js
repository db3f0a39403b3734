// What happens when something is chosen, and the page's beginning.
const FEW = 60; // columns in all, up to which every card shows its own at first

function settle(fixed) {
  const was = fixed === undefined ? null : {x: cards[fixed].x, y: cards[fixed].y};
  nodes.forEach((_, at) => drawCard(at));
  place();
  drawLines();
  if (was) move((was.x - cards[fixed].x) * seen.zoom, (was.y - cards[fixed].y) * seen.zoom);
}

function choose(to, far = false) {
  choice = to;
  trace = to && traced(to);
  document.getElementById('clear').hidden = !to;
  document.getElementById('key').hidden = !to?.column;
  drawPanel();
  settle(to?.node);
  if (to && far) fit(trace.tables.keys());
  const place = to ? `#${encodeURIComponent(nodes[to.node].id)}${to.column ? '/' + encodeURIComponent(to.column) : ''}` : '#';
  if (location.hash !== place && (to || location.hash)) history.replaceState(null, '', place);
}

function named() { // what the end of the address names
  const [id, column] = location.hash.slice(1).split('/').map(decodeURIComponent);
  const node = nodes.findIndex((one) => one.id === id);
  return node < 0 ? null : {node, column: nodes[node].columns.includes(column) ? column : ''};
}

function showAll(shown) {
  all = shown;
  opened.clear();
  document.getElementById('columns').setAttribute('aria-pressed', String(all));
  settle();
}

const acts = {
  '+': () => zoom(1.25), '=': () => zoom(1.25), '-': () => zoom(0.8), '0': () => fit(),
  ArrowLeft: () => move(80, 0), ArrowRight: () => move(-80, 0), ArrowUp: () => move(0, 80), ArrowDown: () => move(0, -80),
  '/': () => field.focus(), c: () => { showAll(!all); fit(); }, Escape: () => choose(null),
};
document.addEventListener('keydown', (event) => {
  if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('aside') && event.key.startsWith('Arrow')) return;
  event.preventDefault();
  acts[event.key]();
});
for (const [id, key] of [['in', '+'], ['out', '-'], ['fit', '0'], ['columns', 'c'], ['clear', 'Escape']]) {
  document.getElementById(id).addEventListener('click', () => acts[key]());
}
view.addEventListener('dblclick', (event) => { if (event.target === view) fit(); });
window.addEventListener('hashchange', () => choose(named(), true));
window.addEventListener('resize', () => fit(trace ? trace.tables.keys() : undefined));

const begin = named() ?? (data.chosen && {node: data.chosen[0], column: data.chosen[1] ?? ''});
all = links.length > 0 && nodes.reduce((sum, node) => sum + node.columns.length, 0) <= FEW;
document.getElementById('columns').setAttribute('aria-pressed', String(all));
settle();
if (begin) choose(begin, true);
else fit();
document.body.classList.add('drawn');
