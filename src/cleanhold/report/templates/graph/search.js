// The search: tables, consumers and columns by a part of their name.
const field = document.getElementById('find'), results = document.getElementById('found');
const MOST = 30;
const known = nodes.flatMap((node, at) => [
  {node: at, column: '', text: node.name, label: node.label},
  ...node.columns.map((name) => ({node: at, column: name, text: `${node.name}.${name}`, label: node.kind === 'source' ? 'header' : node.kind === 'pact' ? 'needed column' : 'column'})),
]);
let marked = 0, hits = [];

function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one) => words.every((word) => one.text.toLowerCase().includes(word));
  const rank = (one) => [words.some((word) => (one.column || one.text).toLowerCase() === word) ? 0 : 1, one.column ? 1 : 0, one.text.length];
  const found = words.length ? known.filter(fits).map((one) => [rank(one), one]) : [];
  found.sort(([a], [b]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  hits = found.slice(0, MOST).map(([, one]) => one);
  marked = 0;
  results.replaceChildren(...hits.map((hit, n) => {
    const item = made('li');
    item.id = `hit-${n}`;
    item.setAttribute('role', 'option');
    item.append(made('span', 'text', hit.text), made('span', 'label', hit.label));
    item.addEventListener('mousedown', (event) => { event.preventDefault(); take(n); });
    return item;
  }));
  if (words.length && !hits.length) results.append(made('li', 'none', 'Nothing is called so'));
  if (found.length > MOST) results.append(made('li', 'none', `and ${found.length - MOST} more`));
  showHits(words.length > 0);
}

function showHits(shown) {
  results.hidden = !shown;
  field.setAttribute('aria-expanded', String(shown));
  hits.forEach((_, n) => results.children[n].setAttribute('aria-selected', String(n === marked)));
  if (shown && hits.length) {
    field.setAttribute('aria-activedescendant', `hit-${marked}`);
    results.children[marked].scrollIntoView({block: 'nearest'});
  } else field.removeAttribute('aria-activedescendant');
}

function take(n) {
  const {node, column} = hits[n];
  showHits(false);
  field.value = '';
  field.blur();
  choose({node, column}, true);
}

field.addEventListener('input', search);
field.addEventListener('blur', () => showHits(false));
field.addEventListener('keydown', (event) => {
  event.stopPropagation();
  if (event.key === 'Escape') { field.value = ''; field.blur(); }
  if (!hits.length || results.hidden) return;
  if (event.key === 'Enter') take(marked);
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    marked = (marked + (event.key === 'ArrowDown' ? 1 : hits.length - 1)) % hits.length;
    showHits(true);
  }
});
