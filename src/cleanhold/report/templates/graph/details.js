// The panel: what is known of what is chosen, in words, with ways on from it.
const panel = document.getElementById('panel');

function heading(text) {
  return made('h3', '', text);
}

function far({node, column}) {
  const name = nodes[node].kind === 'source' ? `${nodes[node].name}, header` : nodes[node].name;
  return column ? `${name}.${column}`.replace(', header.', ', header ') : `rows of ${nodes[node].name}`;
}

function listed(title, found, end) {
  if (!found.length) return [];
  const list = made('ul', 'links'), ends = new Map(); // a column may act in several ways
  for (const link of found) push(ends, keyOf(link[end].node, link[end].column), link);
  for (const several of ends.values()) {
    const item = made('li'), to = several[0][end];
    item.append(button('go', far(to), () => choose(to, true)));
    for (const link of several) {
      const how = data.ways[link.way] + (link.told ? `: ${link.told}` : '') + (link.masks && link.direct ? ' (does not tell it)' : '');
      item.append(made('span', 'how', how));
    }
    list.append(item);
  }
  return [heading(title), list];
}

function aboutColumn(at, column) {
  const into = before.get(keyOf(at, column)) ?? [], rows = before.get(keyOf(at, '')) ?? [];
  const personal = personalIn(nodes[at], column);
  return [
    ...(personal ? [made('p', 'warned', `Personal (${personal}): masked in every view.`)] : []),
    ...listed('Its values come from', into.filter((link) => link.direct), 'from'),
    ...listed('Decided by', into.filter((link) => !link.direct), 'from'),
    ...listed('Its rows are chosen by', rows, 'from'),
    ...listed('Goes into', after.get(keyOf(at, column)) ?? [], 'to'),
  ];
}

function aboutNode(at) {
  const node = nodes[at], list = made('dl');
  for (const [name, text] of node.facts) list.append(made('dt', '', name), made('dd', '', text));
  const near = (title, from, to) => {
    const found = data.edges.filter((edge) => edge[to] === at);
    if (!found.length) return [];
    const names = made('ul', 'links');
    for (const edge of found) {
      const item = made('li');
      item.append(button('go', nodes[edge[from]].name, () => choose({node: edge[from], column: ''}, true)), made('span', 'how', nodes[edge[from]].label));
      names.append(item);
    }
    return [heading(title), names];
  };
  const columns = made('ul', 'names');
  columns.append(...node.columns.map((name) => {
    const item = made('li');
    item.append(button('go', name, () => choose({node: at, column: name})));
    if (personalIn(node, name)) item.append(made('span', 'personal', 'personal'));
    return item;
  }));
  return [
    ...(node.says ? [made('p', '', node.says)] : []), list,
    ...near('Comes from', 0, 1), ...near('Goes to', 1, 0),
    ...(node.columns.length ? [heading(node.kind === 'source' ? 'Headers' : 'Columns'), columns] : []),
  ];
}

function drawPanel() {
  panel.hidden = !choice;
  document.body.classList.toggle('with-panel', Boolean(choice));
  if (!choice) return;
  const node = nodes[choice.node], head = made('div', 'top');
  const title = made('div');
  title.append(made('p', `over ${node.kind}`, choice.column ? `${node.kind === 'source' ? 'header' : 'column'} of ${node.label} ${node.name}` : node.label), made('h2', '', choice.column || node.name));
  if (choice.column) title.append(button('go', `All about ${node.name}`, () => choose({node: choice.node, column: ''})));
  const close = button('close', '×', () => choose(null));
  close.setAttribute('aria-label', 'Close');
  head.append(title, close);
  const unseen = node.unseen.map((text) => made('p', 'warned', text[0].toUpperCase() + text.slice(1)));
  panel.replaceChildren(head, ...unseen, ...(choice.column ? aboutColumn(choice.node, choice.column) : aboutNode(choice.node)));
  panel.scrollTop = 0;
}
