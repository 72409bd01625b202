// Charts by Chart.js: each is drawn in the colours of the page and again when these change.
const drawn = new Set();
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = 'system-ui, sans-serif';

function axis(title, facts) {
  return {
    title: {display: Boolean(title), text: title, color: colour('soft')},
    ticks: {color: colour('soft'), maxRotation: 40, autoSkip: true},
    grid: {color: colour('grid')},
    border: {color: colour('line')},
    ...facts,
  };
}

// `describe` gives Chart.js its configuration; it is asked anew for other colours.
function chart(label, describe, low) {
  const canvas = el('canvas', {role: 'img', 'aria-label': label});
  const place = el('div', {class: low ? 'plot low' : 'plot'}, canvas);
  const one = {canvas, describe, chart: null};
  one.draw = () => {
    if (one.chart) one.chart.destroy();
    one.chart = new Chart(canvas, describe());
  };
  drawn.add(one);
  requestAnimationFrame(() => one.draw());
  return place;
}

function redraw() {
  for (const one of drawn) {
    if (one.canvas.isConnected) one.draw();
    else drawn.delete(one);
  }
}

function resize(width) {
  for (const one of drawn) if (one.chart && one.canvas.isConnected) width ? one.chart.resize(width, 220) : one.chart.resize();
}

function scatter(cells, feature) {
  const points = (side) => cells.offline.map((x, at) => ({x, y: cells[side][at]})).filter((point) => point.y !== null);
  const off = points('online');
  const third = points('source');
  const all = off.flatMap((point) => [point.x, point.y]).concat(third.map((point) => point.y));
  const ends = [Math.min(...all), Math.max(...all)];
  const describe = () => ({
    type: 'scatter',
    data: {
      datasets: [
        {label: 'online', data: off, backgroundColor: colour('online'), pointRadius: 3, pointStyle: 'circle'},
        third.length && {label: 'source, where it differs', data: third, backgroundColor: colour('source'), borderColor: colour('source'),
          pointRadius: 4, pointStyle: 'triangle'},
        {label: 'equal', data: ends.map((end) => ({x: end, y: end})), type: 'line', borderColor: colour('soft'), borderDash: [5, 4],
          borderWidth: 1, pointRadius: 0, pointStyle: 'line'},
      ].filter(Boolean),
    },
    options: {
      scales: {x: axis('offline'), y: axis('online')},
      plugins: {legend: {labels: {color: colour('ink'), usePointStyle: true}}},
    },
  });
  return chart(`Offline against online values of ${counted(off.length, 'differing cell')} of ${feature}; a table of them follows`, describe);
}

function bars(label, names, values, facts) {
  const {lying = false, title = 'cells', shade = 'online', low = false, share = false} = facts || {};
  const longest = (text) => (String(text).length > 34 ? `${String(text).slice(0, 33)}…` : String(text));
  const describe = () => ({
    type: 'bar',
    // A bar too low to be seen is drawn all the same; where there is nothing there is none.
    data: {labels: names.map(longest), datasets: [{data: values.map((value) => value || null), backgroundColor: colour(shade), maxBarThickness: 34, minBarLength: 2}]},
    options: {
      indexAxis: lying ? 'y' : 'x',
      scales: lying
        ? {x: axis(title, {beginAtZero: true, ...(share ? {max: 1, ticks: {color: colour('soft'), maxRotation: 0, callback: percent}} : {})}),
           y: axis('', {ticks: {color: colour('ink'), autoSkip: false}})}
        : {x: axis(''), y: axis(title, share ? {beginAtZero: true, max: 1, ticks: {color: colour('soft'), callback: percent}} : {beginAtZero: true, ticks: {color: colour('soft'), precision: 0}})},
      plugins: {legend: {display: false}, tooltip: {callbacks: share ? {label: (item) => percent(item.raw)} : {}}},
    },
  });
  return chart(label, describe, low);
}

function line(label, names, sets) {
  const describe = () => ({
    type: 'line',
    data: {
      labels: names,
      datasets: sets.map((each) => ({label: each.says, data: each.values, borderColor: colour(each.shade), backgroundColor: colour(each.shade),
        borderDash: each.dashed ? [5, 4] : [], pointRadius: each.dashed ? 0 : 3, borderWidth: 2})),
    },
    options: {
      scales: {x: axis(''), y: axis('skew rate', {beginAtZero: true, ticks: {color: colour('soft'), callback: percent}})},
      plugins: {legend: {labels: {color: colour('ink'), usePointStyle: true, pointStyle: 'line'}}, tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${percent(item.raw)}`}}},
    },
  });
  return chart(label, describe);
}
