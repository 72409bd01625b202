// The page as a whole: verdict, filters, the list of features, laws, and what the run says beside them.
const run = payload.run;
const words = {pass: 'PASS', warn: 'WARN', fail: 'FAIL', error: 'ERROR', broken: 'BROKEN', held: 'held', not_applicable: 'not applicable'};
const shown = payload.features.map((feature) => ({feature, item: null, opened: null}));

function badge(verdict) {
  return el('span', {class: `badge ${verdict}`}, words[verdict] || verdict);
}

function head() {
  const button = el('button', {type: 'button', id: 'theme'}, '');
  button.addEventListener('click', () => theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  const facts = [run.command && `skewguard ${run.command}`, `mode ${run.mode}`, run.project && `project ${run.project}`, run.as_of && `as of ${moment(run.as_of)}`,
    payload.sample].filter(Boolean).join(' · ');
  document.getElementById('top').append(
    el('div', {class: 'bar'}, el('h1', {}, 'skewguard report'), button),
    el('section', {class: `verdict ${run.verdict}`, 'aria-label': 'Verdict'}, el('p', {class: 'word'}, words[run.verdict]),
      el('p', {class: 'said'}, payload.said), payload.bound && el('p', {class: 'said'}, payload.bound), el('p', {class: 'facts'}, facts)));
}

function tiles() {
  const of = (verdict) => payload.features.filter((one) => one.verdict === verdict).length;
  const sum = (name) => payload.features.reduce((total, one) => total + (one[name] || 0), 0);
  const list = payload.features.length ? [['features', payload.features.length], ['failing', of('fail')], ['errors', of('error')], ['warnings', of('warn')],
    ['passing', of('pass')], ['cells compared', sum('compared')], ['cells skewed', sum('skewed')]] : [];
  return list.length ? el('ul', {class: 'tiles', 'aria-label': 'In numbers'}, list.map(([name, number]) => el('li', {}, el('b', {}, whole(number)), name))) : null;
}

const kinds = {mismatch: 'mismatched', missing_online: 'missing_online', missing_offline: 'missing_offline', serving_error: 'serving_errors',
  wrong_on_both: 'wrong_on_both', not_compared: 'not_compared'};
const has = {
  verdict: (feature) => [feature.verdict],
  cause: (feature) => (feature.causes || {cause: []}).cause,
  kind: (feature) => Object.keys(kinds).filter((kind) => feature[kinds[kind]]),
  view: (feature) => [feature.view || 'no view'],
  owner: (feature) => [feature.owner || 'nobody'],
};

function select(name) {
  const counts = new Map();
  for (const feature of payload.features) for (const value of has[name](feature)) counts.set(value, (counts.get(value) || 0) + 1);
  const made = el('select', {id: `by-${name}`, name}, el('option', {value: ''}, 'all'));
  for (const [value, times] of [...counts].sort((one, two) => (one[0] < two[0] ? -1 : 1))) made.append(el('option', {value: `=${value}`}, `${value} (${whole(times)})`));
  made.addEventListener('change', filter);
  return el('div', {}, el('label', {for: `by-${name}`}, name[0].toUpperCase() + name.slice(1)), made);
}

function filters() {
  const search = el('input', {type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false'});
  search.addEventListener('input', filter);
  const clear = el('button', {type: 'button', id: 'clear'}, 'Clear');
  clear.addEventListener('click', () => {
    search.value = '';
    for (const name of Object.keys(has)) document.getElementById(`by-${name}`).value = '';
    filter();
    search.focus();
  });
  return el('form', {class: 'filters', role: 'search', 'aria-label': 'Filter the features', on: {submit: (event) => event.preventDefault()}},
    el('div', {}, el('label', {for: 'search'}, 'Search (press /)'), search), Object.keys(has).map(select), clear);
}

function filter() {
  const wanted = document.getElementById('search').value.trim().toLowerCase();
  const chosen = Object.keys(has).map((name) => [name, document.getElementById(`by-${name}`).value]).filter(([, value]) => value);
  let number = 0;
  for (const one of shown) {
    const found = chosen.every(([name, value]) => has[name](one.feature).includes(value.slice(1)))
      && (!wanted || one.text.includes(wanted));
    one.item.hidden = !found;
    number += found;
  }
  document.getElementById('count').textContent = number === shown.length ? counted(number, 'feature') : `${whole(number)} of ${counted(shown.length, 'feature')}`;
}

function item(one) {
  const {feature} = one;
  one.text = [feature.ref, feature.owner, feature.top_cause, ...(feature.notes || [])].filter(Boolean).join('\n').toLowerCase();
  const told = feature.compared ? [percent(feature.skew_rate), feature.skewed ? ` · ${whole(feature.skewed)}` : ''] : 'not compared';
  const waived = feature.skewed && Object.values(feature.waived || {}).reduce((total, cells) => total + cells, 0) >= feature.skewed;
  const opened = el('details', {}, el('summary', {}, badge(feature.verdict),
    el('span', {class: 'name'}, feature.view && el('span', {class: 'view'}, `${feature.view}:`), feature.name),
    el('span', {class: 'cause'}, feature.top_cause || '', waived ? ' (waived)' : ''), el('span', {class: 'owner'}, feature.owner || ''), el('span', {class: 'rate'}, el('span', {class: 'unseen'}, 'skewed: '), told)));
  opened.addEventListener('toggle', () => {
    if (opened.open && opened.childElementCount === 1) opened.append(detail(feature));
  });
  one.opened = opened;
  one.item = el('li', {}, opened);
  return one.item;
}

function features() {
  if (!shown.length) return null;
  return el('section', {id: 'features', tabindex: '-1', 'aria-labelledby': 'features-title'}, el('h2', {id: 'features-title'}, 'Features'), filters(),
    el('p', {class: 'count', id: 'count', 'aria-live': 'polite'}, counted(shown.length, 'feature')), el('ul', {class: 'features'}, shown.map(item)));
}

function untried() {
  if (!payload.untried.length) return null;
  return el('div', {id: 'untried'}, el('p', {}, 'No law was tried on these, so nothing is proved of them:'),
    el('ul', {}, payload.untried.map((each) => el('li', {}, el('span', {class: 'name'}, each.transform), `: ${each.why}`))));
}

function laws() {
  if (!payload.laws.length) return null;
  const dark = new Set(payload.untried.map((each) => each.transform));
  const tried = payload.laws.filter((law) => !dark.has(law.transform));
  const broken = payload.laws.filter((law) => law.verdict === 'broken');
  const one = (law) => el('li', {}, el('details', {open: law === broken[0]}, el('summary', {}, badge(law.verdict), el('span', {class: 'name'}, law.transform),
    el('span', {class: 'cause'}, law.law), el('span', {class: 'owner'}, ''), el('span', {class: 'rate'}, counted(law.examples, 'example'))),
  el('div', {class: 'detail'}, law.message ? el('p', {}, law.message) : el('p', {class: 'empty'}, 'Held on every input that it was tried on.'),
    law.counterexample && el('div', {}, el('h3', {}, 'The smallest input that breaks it'), copyable(law.counterexample, `the counterexample of ${law.law}`)),
    law.test && el('div', {}, el('h3', {}, 'As a test'), copyable(law.test, `the test of ${law.law}`)))));
  return el('section', {id: shown.length ? 'laws' : 'features', tabindex: '-1'}, el('h2', {}, 'Laws'),
    el('p', {class: 'count'}, `${counted(tried.length, 'law')} of ${counted(new Set(tried.map((law) => law.transform)).size, 'transform')} tested, ${whole(broken.length)} broken`),
    untried(),
    el('ul', {class: 'features'}, payload.laws.map(one)));
}

function beside() {
  const seconds = (value) => `${figure(Number((value * 1000).toPrecision(3)))} ms`;
  return [
    payload.errors.length && el('section', {}, el('h2', {}, 'Could not be compared'), table([{says: 'feature or view'}, {says: 'why', as: 'value'}],
      payload.errors.map((one) => [one.feature, one.message]), 'Errors')),
    payload.waivers.length && el('section', {}, el('h2', {}, 'Waivers'), waiverTable(payload.waivers, 'Waivers', true)),
    payload.notes.length && el('section', {}, el('h2', {}, 'Notes'), el('ul', {}, payload.notes.map((note) => el('li', {}, note)))),
    payload.skipped.length && el('section', {}, el('h2', {}, 'Skipped'), table([{says: 'feature or view'}, {says: 'why'}],
      payload.skipped.map((one) => [one.feature, one.reason]), 'Skipped')),
    payload.latency.length && el('section', {}, el('h2', {}, 'Online requests'), table([{says: 'view'}, {says: 'service'}, {says: 'requests', as: 'number'},
      {says: 'median', as: 'number'}, {says: '95 %', as: 'number'}, {says: '99 %', as: 'number'}],
    payload.latency.map((one) => [one.feature_view, one.service || '–', whole(one.requests), seconds(one.p50), seconds(one.p95), seconds(one.p99)]), 'Online requests')),
  ].filter(Boolean);
}

function foot() {
  document.getElementById('foot').append(pairs([['run', run.run_id], ['started', moment(run.started_at)], ['finished', moment(run.finished_at)], ['repo', run.repo],
    ['commit', run.git_commit], ['seed', String(run.seed)], ['versions', payload.versions]]),
  el('p', {}, 'Made by skewguard from its ledger; charts by Chart.js (MIT). This file asks nothing of any network.'));
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  const button = document.getElementById('theme');
  button.textContent = name === 'dark' ? 'Light' : 'Dark';
  button.setAttribute('aria-label', `Switch to ${name === 'dark' ? 'light' : 'dark'} colours`);
  redraw();
}

function reveal() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const one = shown.find((each) => each.feature.ref === wanted);
  if (!one) return;
  one.opened.open = true;
  one.item.scrollIntoView();
  one.opened.firstChild.focus();
}

function start() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  head();
  document.getElementById('main').replaceChildren(...[tiles(), features(), laws(), ...beside()].filter(Boolean));
  foot();
  theme(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => theme(dark.matches ? 'dark' : 'light'));
  document.addEventListener('keydown', (event) => {
    const search = document.getElementById('search');
    if (event.key !== '/' || !search || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    search.focus();
  });
  let before = null;
  addEventListener('beforeprint', () => {
    before = document.documentElement.dataset.theme;
    theme('light');
    resize(460);
  });
  addEventListener('afterprint', () => {
    theme(before);
    resize();
  });
  addEventListener('hashchange', reveal);
  reveal();
}

start();
