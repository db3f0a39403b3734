// The lines between cards, and between columns on the way of what is chosen.
const drawing = document.getElementById('lines');

function line(points, className) {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  let d = `M${points[0].x},${points[0].y}`;
  points.slice(1).forEach((to, n) => {
    const from = points[n], half = Math.max(28, Math.abs(to.x - from.x) / 2);
    d += to.y === from.y && n % 2 ? `L${to.x},${to.y}` : `C${from.x + half},${from.y} ${to.x - half},${to.y} ${to.x},${to.y}`;
  });
  path.setAttribute('d', d);
  path.setAttribute('class', className);
  return path;
}

const anchor = (at, column) => {
  const row = column && cards[at].rows.get(column);
  return cards[at].y + (row ? row.offsetTop + row.offsetHeight / 2 : 24);
};
const leaves = (at, column) => ({x: cards[at].x + WIDTH, y: anchor(at, column)});
const enters = (at, column) => ({x: cards[at].x, y: anchor(at, column)});

const routes = new Map(data.edges.map(([from, to, , route]) => [`${from} ${to}`, route]));
const bent = (route, aside = 0) => route.flatMap((name) => {
  const {x, y} = bends.get(name);
  return [{x, y: y + aside}, {x: x + WIDTH, y: y + aside}];
});

function drawLines() {
  const paths = data.edges.map(([from, to, what, route]) => {
    const on = trace && trace.tables.has(from) && trace.tables.has(to);
    const kind = what === 'is referred to by' ? ' checks' : '';
    const state = !trace ? '' : !on ? ' off' : choice.column ? ' faint' : ' on';
    return line([leaves(from), ...bent(route), enters(to)], `edge${kind}${state}`);
  });
  if (choice?.column) {
    const drawn = new Set();
    for (const {from, to, direct} of trace.used) {
      const has = ({node, column}) => trace.tables.get(node)?.get(column) === 'values';
      const values = direct && has(from) && has(to);
      const end = values ? to.column : '', start = cards[from.node].rows.has(from.column) ? from.column : '';
      const key = [from.node, start, to.node, end, values].join('\n');
      const isOwn = to.node === choice.node && to.column && to.column !== choice.column && !has(to);
      if (drawn.has(key) || isOwn) continue;
      drawn.add(key);
      const aside = ((drawn.size % 5) - 2) * 4; // lines that bend at one place stay apart
      const through = bent(routes.get(`${from.node} ${to.node}`) ?? [], aside);
      paths.push(line([leaves(from.node, from.column), ...through, enters(to.node, end)], values ? 'link' : 'link decides'));
    }
  }
  drawing.replaceChildren(...paths);
}
