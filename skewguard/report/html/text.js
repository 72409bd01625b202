// Builds elements: every value becomes text, none is ever read as markup.
const payload = JSON.parse(document.getElementById('payload').textContent);

function el(tag, facts, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (value === true) made.setAttribute(name, '');
    else made.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    made.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return made;
}

function counted(number, noun) {
  return `${whole(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function whole(number) {
  return number === null || number === undefined ? '–' : Number(number).toLocaleString('en-US');
}

function figure(number) {
  if (number === null || number === undefined) return '–';
  if (typeof number === 'string') return number;
  const size = Math.abs(number);
  if (number !== 0 && (size < 1e-3 || size >= 1e9)) return number.toExponential(3);
  return Number(number.toPrecision(6)).toLocaleString('en-US', {maximumSignificantDigits: 6});
}

function percent(share) {
  if (share === null || share === undefined) return '–';
  const value = share * 100;
  // Neither rounds to nothing nor to all what is neither.
  if (value > 0 && value < 0.01) return '< 0.01 %';
  if (value < 100 && value > 99.95) return '> 99.9 %';
  return `${Number(value.toPrecision(3))} %`;
}

// A bound, rounded up: it must not be understated by its printing.
function atMost(share) {
  if (share === null || share === undefined) return '–';
  const value = share * 100;
  if (value <= 0) return '0 %';
  const step = 10 ** (Math.floor(Math.log10(value)) - 2);
  return `${Number(Math.min(100, Math.ceil(Number((value / step).toFixed(6))) * step).toPrecision(3))} %`;
}

function span(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const size = Math.abs(seconds);
  const [unit, name] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']].find(([least]) => size >= least) || [1, 's'];
  return `${Number((seconds / unit).toPrecision(3))} ${name}`;
}

function moment(text) {
  return text ? text.replace('T', ' ').replace(/(\.\d*?)0+(?=[+Z])/, '$1').replace(/\.(?=[+Z])/, '').replace('+00:00', ' UTC') : '–';
}

// The rows of a figure, which is embedded column by column.
function list(columns) {
  const names = Object.keys(columns || {});
  return names.length ? columns[names[0]].map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]]))) : [];
}

// Our own sentences, in which code stands between backticks.
function prose(said) {
  return said.split('`').map((part, at) => (at % 2 ? el('code', {}, part) : part));
}

function table(heads, rows, caption) {
  const cell = (tag, head, value) => el(tag, {class: head.as, scope: tag === 'th' ? 'col' : null}, value);
  return el('div', {class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption},
    el('table', {}, el('caption', {class: 'unseen'}, caption),
      el('thead', {}, el('tr', {}, heads.map((head) => cell('th', head, head.says)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map((value, at) => cell('td', heads[at], value)))))));
}

// The keys of a row, one to a line; as it is stored where it was too long to keep whole.
function entity(said) {
  try {
    return Object.entries(JSON.parse(said)).map(([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`).join('\n');
  } catch {
    return said;
  }
}

// Built when it is first opened: a thousand features would be too much at once.
function lazily(says, build, facts) {
  const made = el('details', {class: 'more', ...facts}, el('summary', {}, says));
  made.addEventListener('toggle', () => {
    if (made.open && made.childElementCount === 1) made.append(build());
  });
  return made;
}

function announce(said) {
  document.getElementById('live').textContent = said;
}

function copied(text, button) {
  const done = () => {
    const before = button.textContent;
    button.textContent = 'Copied';
    announce('Copied to the clipboard');
    setTimeout(() => { button.textContent = before; }, 1500);
  };
  const by_hand = () => {
    const area = el('textarea', {class: 'unseen', 'aria-label': 'text to copy'});
    area.value = text;
    document.body.append(area);
    area.select();
    const worked = document.execCommand('copy');
    area.remove();
    button.focus();
    if (worked) done();
    else announce('The browser does not let this page copy; select the text instead');
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, by_hand);
  else by_hand();
}

function copyable(text, what) {
  const button = el('button', {type: 'button', 'aria-label': `Copy ${what}`}, 'Copy');
  button.addEventListener('click', () => copied(text, button));
  return el('div', {}, el('pre', {tabindex: '0', 'aria-label': what}, text), button);
}
