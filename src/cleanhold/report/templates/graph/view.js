// What part of the world is seen: moved and zoomed by mouse, fingers and keys.
const view = document.getElementById('view'), world = document.getElementById('world');
const LEAST = 0.08, MOST_ZOOM = 2.5, READABLE = 0.72;
let seen = {x: 0, y: 0, zoom: 1};

function look() {
  world.style.transform = `translate(${seen.x}px, ${seen.y}px) scale(${seen.zoom})`;
  view.classList.toggle('small', seen.zoom < 0.45);
}

function zoom(factor, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const to = Math.min(MOST_ZOOM, Math.max(LEAST, seen.zoom * factor)), by = to / seen.zoom;
  seen = {x: x - (x - seen.x) * by, y: y - (y - seen.y) * by, zoom: to};
  look();
}

function move(x, y) {
  seen.x += x;
  seen.y += y;
  look();
}

// The part of the view that the panel leaves free.
function free() {
  const width = view.clientWidth, height = view.clientHeight;
  if (panel.hidden) return {width, height};
  const beside = window.innerWidth > 720;
  return {width: beside ? width - panel.offsetWidth : width, height: beside ? height : height - panel.offsetHeight};
}

function fit(numbers = nodes.keys(), most = 1) {
  const shown = [...numbers].map((at) => cards[at]);
  if (!shown.length) return;
  const left = Math.min(...shown.map((card) => card.x)), right = Math.max(...shown.map((card) => card.x + WIDTH));
  const top = Math.min(...shown.map((card) => card.y)), foot = Math.max(...shown.map((card) => card.y + card.height));
  const {width, height} = free(), narrow = width < 600, around = narrow ? 12 : 36;
  const whole = Math.min(most, (width - 2 * around) / (right - left), (height - 2 * around) / (foot - top));
  if (narrow && whole < READABLE) { // a part that can be read, around what is chosen
    const {x, y} = choice ? cards[choice.node] : {x: left, y: (top + foot) / 2};
    seen = {x: choice ? width / 2 - (x + WIDTH / 2) * READABLE : around - x * READABLE, y: height / 2 - (y + 40) * READABLE, zoom: READABLE};
  } else {
    const to = Math.max(LEAST, whole);
    seen = {x: (width - (left + right) * to) / 2, y: (height - (top + foot) * to) / 2, zoom: to};
  }
  look();
}

// A card that got the focus comes into sight.
function show(element) {
  const box = element.getBoundingClientRect(), frame = view.getBoundingClientRect(), {width, height} = free();
  const past = (low, high, end) => low < 12 ? 12 - low : high > end - 12 ? Math.max(end - 12 - high, 12 - low) : 0;
  const x = past(box.left - frame.left, box.right - frame.left, width), y = past(box.top - frame.top, box.bottom - frame.top, height);
  if (x || y) move(x, y);
}

const pointers = new Map();
let moved = 0;
view.addEventListener('pointerdown', (event) => {
  if (event.button) return;
  pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
  moved = 0;
});
window.addEventListener('pointermove', (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  const now = {x: event.clientX, y: event.clientY};
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  if (other) {
    const apart = (at) => Math.hypot(at.x - other.x, at.y - other.y), frame = view.getBoundingClientRect();
    zoom(apart(now) / (apart(last) || 1), (now.x + other.x) / 2 - frame.left, (now.y + other.y) / 2 - frame.top);
  }
  move((now.x - last.x) / pointers.size, (now.y - last.y) / pointers.size);
  moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
  view.classList.toggle('moving', moved > 4);
  pointers.set(event.pointerId, now);
});
for (const name of ['pointerup', 'pointercancel']) {
  window.addEventListener(name, (event) => { pointers.delete(event.pointerId); view.classList.remove('moving'); });
}
view.addEventListener('click', (event) => { // the end of a drag chooses nothing
  if (moved > 4) { event.stopPropagation(); event.preventDefault(); }
  moved = 0;
}, true);
view.addEventListener('wheel', (event) => {
  event.preventDefault();
  const frame = view.getBoundingClientRect(), pixels = event.deltaMode ? event.deltaY * 20 : event.deltaY;
  if (event.shiftKey) move(-pixels - event.deltaX, 0);
  else zoom(Math.exp(-Math.max(-120, Math.min(120, pixels)) / 400), event.clientX - frame.left, event.clientY - frame.top);
}, {passive: false});
view.addEventListener('focusin', (event) => {
  if (event.target !== view && event.target.matches(':focus-visible')) show(event.target);
});
