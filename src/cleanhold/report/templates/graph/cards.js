// The cards: one a node, with its columns, and where they stand.
const WIDTH = 244, BETWEEN = 96, GAP = 22, BEND = 26;
const holder = document.getElementById('cards');
const opened = new Set(); // cards that show all their columns
let choice = null, trace = null, all = false;

function made(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function button(className, text, act) {
  const element = made('button', className, text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

const cards = nodes.map((node, at) => {
  const element = made('section', `card ${node.kind}`);
  element.setAttribute('aria-label', `${node.label} ${node.name}`);
  const head = button('head', undefined, () => choose({node: at, column: ''}));
  head.append(made('span', 'label', node.label), made('span', 'name', node.name));
  head.title = `${node.label} ${node.name}: ${node.state}`;
  if (['dataset', 'feature'].includes(node.kind)) head.append(made('span', `mark ${node.mark}`));
  const list = made('ul', 'columns');
  const more = button('more', '', () => { opened.has(at) ? opened.delete(at) : opened.add(at); settle(at); });
  element.append(head, made('p', 'state', node.state), list, more);
  if (node.chips.length) {
    const chips = made('p', 'chips');
    chips.append(...node.chips.map(([kind, text]) => made('span', kind, text)));
    element.append(chips);
  }
  holder.append(element);
  return {element, head, list, more, rows: new Map(), shown: '', x: 0, y: 0, height: 0};
});

// Which columns a card shows: all, or those on the way of what is chosen.
function columnsShown(at) {
  const way = trace?.tables.get(at), names = nodes[at].columns;
  if (opened.has(at) || (all && !trace)) return names;
  return choice?.column && way ? names.filter((name) => way.get(name) === 'values') : [];
}

function drawCard(at) {
  const card = cards[at], node = nodes[at], way = trace?.tables.get(at), names = columnsShown(at);
  const told = [choice?.node === at ? choice.column : '', trace ? 'on' : '', ...names.map((n) => `${n}${way?.get(n)}`)].join('\n');
  card.element.classList.toggle('off', Boolean(trace) && !way);
  card.element.classList.toggle('chosen', choice?.node === at);
  card.head.setAttribute('aria-pressed', String(choice?.node === at && !choice.column));
  const acts = way && choice.column ? [...way.values()].filter((how) => how !== 'values') : [];
  const hidden = node.columns.length - names.length;
  card.more.hidden = !node.columns.length || (!hidden && !opened.has(at));
  const count = `${names.length ? `${hidden} more` : hidden} column${hidden === 1 ? '' : 's'}`;
  card.more.textContent = !hidden ? 'Fewer columns' : !acts.length ? count
    : acts[0] === 'decided' ? `decides about ${acts.length === node.columns.length ? 'all columns' : acts.length}` : `${acts.length} decide${acts.length === 1 ? 's' : ''} about it`;
  card.more.classList.toggle('decided', acts.length > 0 && hidden > 0);
  card.more.setAttribute('aria-expanded', String(opened.has(at)));
  if (told === card.shown) return;
  card.shown = told;
  card.rows.clear();
  card.list.replaceChildren(...names.map((name) => {
    const row = button('', name, () => choose({node: at, column: name})), personal = personalIn(node, name);
    row.title = personal ? `${name}: personal (${personal})` : name;
    if (personal) row.append(made('span', 'personal', 'personal'));
    const is = choice?.node === at && choice.column === name;
    if (choice?.column && way?.has(name)) row.className = is ? 'it' : way.get(name);
    row.setAttribute('aria-pressed', String(is));
    const item = made('li');
    item.append(row);
    card.rows.set(name, item);
    return item;
  }));
}

// Tops as near to those wanted as their order and heights allow (isotonic regression).
function spread(wanted, heights) {
  const pools = [];
  let offset = 0;
  const offsets = heights.map((height) => { const at = offset; offset += height; return at; });
  wanted.forEach((top, n) => {
    pools.push({mean: top - offsets[n], count: 1});
    while (pools.length > 1 && pools.at(-2).mean > pools.at(-1).mean) {
      const last = pools.pop(), pool = pools.at(-1);
      pool.mean = (pool.mean * pool.count + last.mean * last.count) / (pool.count + last.count);
      pool.count += last.count;
    }
  });
  let at = 0;
  return pools.flatMap((pool) => Array.from({length: pool.count}, () => pool.mean + offsets[at++]));
}

const bends = new Map(); // number of a bend → where it is

function place() {
  const items = new Map(), left = new Map(), right = new Map();
  data.layers.forEach((layer, depth) => {
    let y = 0;
    for (const name of layer) {
      const card = cards[name], height = (card ? card.element.offsetHeight : BEND) + GAP;
      items.set(name, {y, height, anchor: card ? 24 : BEND / 2});
      if (card) Object.assign(card, {x: depth * (WIDTH + BETWEEN), height: height - GAP});
      else bends.set(name, {x: depth * (WIDTH + BETWEEN), y: 0});
      y += height;
    }
  });
  for (const [from, to, , route] of data.edges) {
    const stops = [from, ...route, to];
    stops.slice(1).forEach((stop, n) => { push(left, stop, stops[n]); push(right, stops[n], stop); });
  }
  const level = (layer, beside) => {
    const own = layer.map((name) => items.get(name));
    const wanted = layer.map((name, n) => {
      const others = beside.flatMap((map) => map.get(name) ?? []).map((other) => items.get(other));
      const mean = others.reduce((sum, other) => sum + other.y + other.anchor, 0) / others.length;
      return others.length ? mean - own[n].anchor : own[n].y;
    });
    spread(wanted, own.map((item) => item.height)).forEach((y, n) => { own[n].y = y; });
  };
  for (const [layers, beside] of [[data.layers, [left]], [data.layers.toReversed(), [right]], [data.layers, [left, right]], [data.layers.toReversed(), [left, right]]]) {
    for (const layer of layers) level(layer, beside);
  }
  for (const [name, item] of items) {
    if (cards[name]) {
      cards[name].y = item.y;
      cards[name].element.style.transform = `translate(${cards[name].x}px, ${item.y}px)`;
    } else bends.get(name).y = item.y + BEND / 2;
  }
}
