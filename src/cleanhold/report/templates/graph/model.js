'use strict';
// What the page knows, and the way of a column through it.
const data = JSON.parse(document.getElementById('data').textContent);
const nodes = data.nodes;
const personalIn = (node, column) => Object.hasOwn(node.personal, column) ? node.personal[column] : '';
const keyOf = (node, column) => `${node}\n${column}`;
const before = new Map(), after = new Map(); // key of a column → links into it, from it
const push = (map, key, link) => map.has(key) ? map.get(key).push(link) : map.set(key, [link]);
const links = data.links.map(([fromNode, fromColumn, toNode, toColumn, way, told, direct, masks]) => {
  const link = {from: {node: fromNode, column: fromColumn}, to: {node: toNode, column: toColumn}, way, told, direct, masks};
  push(after, keyOf(fromNode, fromColumn), link);
  push(before, keyOf(toNode, toColumn), link); // a column without a name: the table's rows
  return link;
});

const columnsAt = ({node, column}) => column ? [{node, column}] : nodes[node].columns.map((name) => ({node, column: name}));

function* down(at) {
  for (const link of after.get(keyOf(at.node, at.column)) ?? []) {
    for (const other of columnsAt(link.to)) yield [other, link];
  }
}

function* up(at) {
  for (const column of [at.column, '']) {
    for (const link of before.get(keyOf(at.node, column)) ?? []) yield [link.from, link];
  }
}

// All columns on the way, by key: those that give or get values before those that decide.
function walk(starts, steps, found, used) {
  const given = [...starts], decided = [];
  const seen = new Set(given.map((at) => keyOf(at.node, at.column)));
  while (given.length || decided.length) {
    const direct = given.length > 0;
    const at = (direct ? given : decided).shift();
    for (const [other, link] of steps(at)) {
      const key = keyOf(other.node, other.column), values = direct && link.direct;
      used.add(link);
      if (seen.has(key) && !(values && found.get(key) === false)) continue;
      seen.add(key);
      found.set(key, values);
      (values ? given : decided).push(other);
    }
  }
}

// What is drawn of a choice: node → column → `values` if it gives or gets values, else `decides`
// or `decided`; and the links between.
function traced(choice) {
  const used = new Set(), starts = columnsAt(choice), tables = new Map([[choice.node, new Map()]]);
  for (const [steps, otherwise] of [[up, 'decides'], [down, 'decided']]) {
    const found = new Map();
    walk(starts, steps, found, used);
    for (const [key, values] of found) {
      const cut = key.indexOf('\n'), node = Number(key.slice(0, cut)), column = key.slice(cut + 1);
      if (!tables.has(node)) tables.set(node, new Map());
      if (tables.get(node).get(column) !== 'values') tables.get(node).set(column, values ? 'values' : otherwise);
    }
  }
  for (const {node, column} of starts) tables.get(node).set(column, 'values');
  const seen = new Set([choice.node]); // tables of whose columns nothing is known
  for (const step of [[0, 1], [1, 0]]) {
    const waiting = [choice.node];
    while (!choice.column && waiting.length) {
      const at = waiting.pop();
      for (const edge of data.edges) {
        if (edge[step[0]] !== at || seen.has(edge[step[1]])) continue;
        seen.add(edge[step[1]]);
        waiting.push(edge[step[1]]);
        if (!tables.has(edge[step[1]])) tables.set(edge[step[1]], new Map());
      }
    }
    seen.clear();
    seen.add(choice.node);
  }
  return {tables, used};
}
