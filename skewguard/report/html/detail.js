// One feature, opened: its story, its charts each with a table and the SQL, its rows, and what is promised of it.
function sqlOf(name, feature) {
  return `from (\n${payload.sql[name]}\n)\n${feature.sql}`;
}

function sqlBox(name, feature, says) {
  return lazily('SQL', () => el('div', {},
    el('p', {class: 'note'}, 'As it was run for all features, here for this one; it runs as it is in `skewguard sql`.'),
    copyable(sqlOf(name, feature), `the SQL of ${says}`)));
}

function panel(title, name, feature, parts, facts) {
  return el('div', {class: facts && facts.wide ? 'panel wide' : 'panel'},
    el('h3', {}, title), el('figure', {}, parts.plot, el('figcaption', {}, parts.caption)),
    parts.table && lazily('Table', parts.table), sqlBox(name, feature, title.toLowerCase()));
}

function condition(name, sign, value) {
  if (sign === 'is null') return `${name} is null`;
  return `${name} ${sign} ${/^-?\d+(\.\d+)?$/.test(value) ? value : `'${value}'`}`;
}

function story(feature) {
  const found = feature.predicate;
  if (!found) return null;
  const said = [condition(found.name, found.sign, found.value)];
  if (found.name_2 !== null) said.push(condition(found.name_2, found.sign_2, found.value_2));
  return el('div', {class: 'story'},
    el('h3', {}, 'Where it is'),
    el('p', {}, el('strong', {}, `${percent(found.recall)} of the skew is where `, el('code', {}, said.join(' and ')))),
    el('p', {class: 'note'}, `${whole(found.cells)} of ${counted(found.skewed, 'skewed cell')}; of the ${counted(found.rows, 'row')} that meet it `
      + `${percent(found.precision)} are skewed, ${figure(Number(found.lift.toPrecision(2)))} times the share among all ${whole(found.drawn)}. Searched over entity keys and `
      + 'as-of; shown because blind chance would not do this once in a million.'),
    sqlBox('predicate', feature, 'where the skew is'));
}

function causesPanel(feature) {
  const found = list(feature.causes);
  if (!found.length) return null;
  const rows = () => table([{says: 'cause'}, {says: 'cells', as: 'number'}, {says: 'share', as: 'number'}, {says: 'online departs', as: 'number'},
    {says: 'offline departs', as: 'number'}, {says: 'both depart', as: 'number'}],
  found.map((one) => [one.cause, whole(one.cells), percent(one.share), whole(one.online_departs), whole(one.offline_departs), whole(one.both_depart)]),
  `Causes of ${feature.ref}`);
  return panel('Causes by share', 'causes', feature, {
    plot: bars(`Causes of ${feature.ref}: ${found.map((one) => `${one.cause} ${percent(one.share)}`).join(', ')}`,
      found.map((one) => one.cause), found.map((one) => one.share), {lying: true, share: true, title: 'share of skewed cells', low: found.length < 4}),
    caption: `Of ${counted(feature.skewed, 'skewed cell')}.`,
    table: rows,
  });
}

function remedies(feature) {
  return list(feature.causes).map((one) => {
    const text = payload.remedies[one.cause];
    return text && el('div', {class: 'remedy'},
      el('h3', {}, el('code', {}, one.cause), ` · ${counted(one.cells, 'cell')}, ${percent(one.share)}`),
      el('p', {}, 'A cell is this when ', prose(text.is_when)), el('p', {}, 'Usually: ', prose(text.leads_to_it)),
      el('p', {}, el('strong', {}, 'What to do: '), prose(text.what_to_do)));
  });
}

function cellsPanel(feature) {
  const cells = feature.cells;
  if (!cells) return null;
  const rows = () => table([{says: 'row', as: 'number'}, {says: 'kind'}, {says: 'offline', as: 'number'}, {says: 'online', as: 'number'},
    {says: 'source, where it differs', as: 'number'}],
  cells.row_id.map((row, at) => [whole(row), cells.kind[at], figure(cells.offline[at]), figure(cells.online[at]), figure(cells.source[at])]),
  `Cells of ${feature.ref}`);
  return panel('Offline against online', 'cells', feature, {
    plot: scatter(cells, feature.ref),
    caption: `${counted(cells.offline.length, 'cell')} of those that differ, drawn by a hash; cells that match are not stored, they would lie on the line.`,
    table: rows,
  });
}

// Every step from the least error to the largest, also those without a cell: the axis is one of numbers.
function bins_between(bins) {
  const step = bins[0].to_error - bins[0].from_error;
  const last = bins[bins.length - 1].from_error;
  const steps = step > 0 && Number.isFinite(step) ? Math.round((last - bins[0].from_error) / step) : 0;
  if (steps < 1 || steps > 20) return bins;
  const filled = Array.from({length: steps + 1}, (_, at) => ({from_error: bins[0].from_error + at * step, cells: 0}));
  for (const one of bins) {
    const place = filled[Math.round((one.from_error - bins[0].from_error) / step)];
    // Steps too fine for the digits that are embedded.
    if (!place || place.cells) return bins;
    place.cells = one.cells;
  }
  return filled;
}

function errorsPanel(feature) {
  const bins = list(feature.errors);
  const spread = feature.spread;
  if (!bins.length) return null;
  const rows = () => table([{says: 'from', as: 'number'}, {says: 'to', as: 'number'}, {says: 'cells', as: 'number'}],
    bins.map((one) => [figure(one.from_error), figure(one.to_error), whole(one.cells)]), `Errors of ${feature.ref}`);
  const said = spread && spread.with_error ? `Size: median ${figure(spread.median_abs_error)}, 9 of 10 at most ${figure(spread.p90_abs_error)}, `
    + `largest ${figure(spread.max_abs_error)}; relative: median ${figure(spread.median_rel_error)}.` : '';
  const drawn = bins_between(bins);
  return panel('Errors: online − offline', 'errors', feature, {
    plot: bars(`How the errors of ${feature.ref} are distributed`, drawn.map((one) => figure(Number(one.from_error.toPrecision(3)))), drawn.map((one) => one.cells)),
    caption: [said, spread && spread.without_error ? ` ${counted(spread.without_error, 'cell')} without an error that is a number.` : ''],
    table: rows,
  });
}

function lagPanel(feature) {
  const lags = list(feature.lag);
  if (!lags.length) return null;
  const most = Math.max(...lags.map((one) => one.most_seconds));
  return panel('Freshness lag', 'lag', feature, {
    plot: bars(`By how much online is behind, for ${feature.ref}`, lags.map((one) => one.lag), lags.map((one) => one.cells), {shade: 'offline'}),
    caption: `By how much the event behind the online value is older than the source's${most > 0 ? `; at most ${span(most)}` : ': nowhere'}.`,
    table: () => table([{says: 'lag'}, {says: 'cells', as: 'number'}, {says: 'largest', as: 'number'}],
      lags.map((one) => [one.lag, whole(one.cells), one.most_seconds < 0 ? '–' : span(one.most_seconds)]), `Freshness lag of ${feature.ref}`),
  });
}

const short = (text) => moment(text).replace(' 00:00:00', '').replace(':00 UTC', '').replace(' UTC', '');

// Every step from the first to the last, also those in which nothing happened: the axis is one of time.
function stepped(found) {
  const rates = new Map(found.map((one) => [Date.parse(one.moment), one.rate]));
  const [first, last, step] = [Date.parse(found[0].moment), Date.parse(found[found.length - 1].moment), found[0].step_seconds * 1000];
  const steps = Math.round((last - first) / step);
  return Array.from({length: steps + 1}, (_, at) => first + at * step).map((time) => ({moment: new Date(time).toISOString().replace('.000Z', '+00:00'), rate: rates.get(time) || 0}));
}

function eventsPanel(feature) {
  const found = list(feature.events);
  if (found.length < 2) return null;
  const drawn = stepped(found);
  return panel('Skew rate by time of the source event', 'events', feature, {
    plot: bars(`Skew rate of ${feature.ref} by when the source event happened`, drawn.map((one) => short(one.moment)), drawn.map((one) => one.rate),
      {share: true, title: 'skew rate'}),
    caption: 'Skewed of all compared cells whose newest source event happened then, whether or not it has expired. A time without a bar has no skew, or no event.',
    table: () => table([{says: 'source event from'}, {says: 'skewed', as: 'number'}, {says: 'compared', as: 'number'}, {says: 'rate', as: 'number'}],
      found.map((one) => [moment(one.moment), whole(one.skewed), whole(one.compared), percent(one.rate)]), `Skew rate of ${feature.ref} by time of the source event`),
  });
}

function timePanels(feature) {
  const axes = ['source event time', 'as-of'].filter((name) => !feature.events || name !== 'source event time');
  return [eventsPanel(feature), ...axes.map((name) => {
    const found = list(feature.times).filter((one) => one.axis === name);
    if (found.length < 2) return null;
    const rated = found.every((one) => one.rate !== null);
    return panel(rated ? `Skew rate by ${name}` : `Skewed cells by ${name}`, 'times', feature, {
      plot: bars(`Skew of ${feature.ref} by ${name}`, found.map((one) => short(one.moment)), found.map((one) => (rated ? one.rate : one.skewed)),
        rated ? {share: true, title: 'skew rate'} : {}),
      caption: rated ? 'Skewed of the rows asked for at each time.'
        : 'Skewed cells only: how many rows were compared at each time is not in the ledger.',
      table: () => table([{says: name}, {says: 'skewed', as: 'number'}, {says: 'rows', as: 'number'}, {says: 'rate', as: 'number'}],
        found.map((one) => [moment(one.moment), whole(one.skewed), whole(one.rows), percent(one.rate)]), `Skew of ${feature.ref} by ${name}`),
    });
  })];
}

function slicesPanel(feature) {
  const found = list(feature.slices);
  if (!found.length) return null;
  const rated = found.every((one) => one.rate !== null);
  const says = (one) => condition(one.name, one.value === null ? 'is null' : '=', one.value);
  return panel(rated ? 'Skew rate by value of the keys' : 'Skewed cells by value of the keys', 'slices', feature, {
    plot: bars(`Skew of ${feature.ref} by value of its keys`, found.map(says), found.map((one) => (rated ? one.rate : one.skewed)),
      {lying: true, share: rated, title: rated ? 'skew rate' : 'skewed cells', low: found.length < 5}),
    caption: rated ? 'The values with most skewed cells above what is usual for as many rows, among keys of at most 50 values.'
      : 'How many rows there are of each value is not known for this feature alone, so there is no rate.',
    table: () => table([{says: 'slice'}, {says: 'skewed', as: 'number'}, {says: 'rows', as: 'number'}, {says: 'rate', as: 'number'}],
      found.map((one) => [says(one), whole(one.skewed), whole(one.rows), percent(one.rate)]), `Slices of ${feature.ref}`),
  });
}

function trendPanel(feature) {
  const found = list(feature.trend);
  if (found.length < 2) return null;
  return panel('Trend over runs', 'trend', feature, {
    plot: line(`Skew rate of ${feature.ref} over ${found.length} runs`, found.map((one) => moment(one.started_at).slice(0, 16)), [
      {says: 'skew rate', values: found.map((one) => one.skew_rate), shade: 'online'},
      {says: 'upper bound (95 %)', values: found.map((one) => one.skew_rate_upper), shade: 'soft', dashed: true}]),
    caption: 'Runs of the same command, mode and repo, up to this one.',
    table: () => table([{says: 'run'}, {says: 'verdict'}, {says: 'skewed', as: 'number'}, {says: 'compared', as: 'number'}, {says: 'rate', as: 'number'},
      {says: 'at most', as: 'number'}, {says: 'top cause'}],
    found.map((one) => [one.run_id, one.verdict, whole(one.skewed), whole(one.compared), percent(one.skew_rate), atMost(one.skew_rate_upper), one.top_cause || '–']),
    `Trend of ${feature.ref}`),
  });
}

function rowsPanel(feature) {
  const rows = list(feature.rows);
  if (!rows.length) return null;
  const value = (text) => (text === null ? 'null' : text);
  const heads = [{says: 'entity', as: 'value entity'}, {says: 'source', as: 'value source'}, {says: 'offline', as: 'value offline'}, {says: 'online', as: 'value online'},
    {says: 'source event'}, {says: 'online event'}, {says: 'kind, cause, who departs'}, {says: 'evidence'}];
  return el('div', {class: 'panel wide'}, el('h3', {}, 'Example rows'),
    table(heads, rows.map((one) => [entity(one.entity), one.source_value === null && (!one.blame || one.blame === 'unknown') ? '–' : value(one.source_value), value(one.offline_value), value(one.online_value),
      moment(one.source_event_timestamp), [moment(one.online_event_timestamp), one.lag_seconds ? ` (${span(Math.abs(one.lag_seconds))} ${one.lag_seconds > 0 ? 'behind' : 'ahead'})` : ''],
      [one.kind, one.cause ? `, ${one.cause}` : '', one.blame ? ` (${one.blame})` : '', one.cut ? ' – values cut to fit' : ''],
      one.evidence ? lazily('Show', () => el('pre', {tabindex: '0', 'aria-label': `Evidence of row ${one.row_id}`}, one.evidence)) : '–']),
    `Example rows of ${feature.ref}`), sqlBox('rows', feature, 'the example rows'));
}

function contractPanel(feature) {
  const found = feature.contract || [];
  if (!found.length) return null;
  return el('div', {class: 'panel wide'}, el('h3', {}, 'Contract'),
    table([{says: 'side'}, {says: 'rule'}, {says: 'promised'}, {says: 'checked', as: 'number'}, {says: 'broken', as: 'number'}, {says: 'first that breaks it', as: 'value'}],
      found.map((one) => [one.side, one.rule, one.expected, whole(one.checked), whole(one.broken),
        one.broken ? `${one.example_value === null ? 'null' : one.example_value} (row ${one.example_row_id})` : '–']), `Contract of ${feature.ref}`));
}

const standings = {holds: 'holds', expired: 'expired: its skew counts', over_cap: 'over its cap: its skew counts', unused: 'unused: delete it'};

// One row for each waiver and feature that it met; of the run, also those that met none.
function waiverTable(found, says, whose) {
  return table([whose && {says: 'feature', as: 'told'}, {says: 'standing'}, {says: 'cause'}, {says: 'cells', as: 'number'}, {says: 'reason', as: 'told'}, {says: 'owner', as: 'told'},
    {says: 'last day', as: 'day'}, {says: 'cap', as: 'number'}, {says: 'written for', as: 'told'}].filter(Boolean),
  found.map((one) => [...(whose ? [one.feature || '–'] : []), standings[one.standing], one.cause === '*' ? 'any' : one.cause, whole(one.cells || 0), one.reason, one.owner, one.expires,
    one.max_rate < 1 ? percent(one.max_rate) : 'none', one.pattern]), says);
}

function waiversPanel(feature) {
  const found = payload.waivers.filter((one) => one.feature === feature.ref);
  return found.length ? el('div', {class: 'panel wide'}, el('h3', {}, 'Waivers'), waiverTable(found, `Waivers of ${feature.ref}`, false)) : null;
}

function leakagePanel(feature) {
  const found = feature.leakage || [];
  if (!found.length) return null;
  return el('div', {class: 'panel wide'}, el('h3', {}, 'Leakage into training'),
    el('p', {class: 'note'}, 'Cells that hold what nobody could know at their instant, where training reads so much before it.'),
    table([{says: 'training reads', as: 'number'}, {says: 'cells', as: 'number'}, {says: 'leak', as: 'number'}, {says: 'rate', as: 'number'}],
      found.map((one) => [`${span(one.lag)} before`, whole(one.cells), whole(one.leaked), percent(one.rate)]), `Leakage of ${feature.ref}`));
}

function pairs(list) {
  return el('dl', {class: 'pairs'}, list.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function factsPanel(feature) {
  const counts = ['requested', 'compared', 'matched', 'mismatched', 'missing_online', 'missing_offline', 'serving_errors', 'wrong_on_both',
    'within_freshness', 'not_compared', 'skewed'].filter((name) => feature[name] || ['requested', 'compared', 'skewed'].includes(name));
  const tables = payload.run.mode === 'tables';
  const waived = Object.entries(feature.waived || {}).map(([cause, cells]) => `${cause}: ${counted(cells, 'cell')}`).join(', ');
  return el('div', {class: 'panel wide'}, el('h3', {}, 'Facts'),
    pairs([['cells', counts.map((name) => `${whole(feature[name])} ${name}`).join(', ')],
      ['skew rate', `${percent(feature.skew_rate)}, at 95 % confidence at most ${atMost(feature.skew_rate_upper)}; budget ${percent(feature.max_skew_rate || 0)}`],
      ['largest, mean error', feature.max_abs_error === undefined ? null : `${figure(feature.max_abs_error)}, ${figure(feature.mean_abs_error)}`],
      ['largest freshness lag', feature.max_freshness_lag && span(feature.max_freshness_lag)],
      ['dtype', feature.dtype], ['kind of view', feature.view_kind], ['defined in', feature.place], ['owner', feature.owner || (tables ? null : 'nobody is named')],
      ['contract', tables || (feature.contract || []).length ? null : 'no promise of single values beside the dtype'],
      ['fingerprint', feature.fingerprint ? el('code', {}, feature.fingerprint) : tables ? null : 'none: the feature has no decorated transform'],
      ['the verdict looks past', waived]]),
    (feature.notes || []).map((note) => el('p', {class: 'note'}, `Note: ${note}`)), sqlBox('measures', feature, 'the counts'));
}

function detail(feature) {
  const panels = [cellsPanel(feature), errorsPanel(feature), causesPanel(feature), lagPanel(feature), ...timePanels(feature), slicesPanel(feature),
    trendPanel(feature), rowsPanel(feature), contractPanel(feature), waiversPanel(feature), leakagePanel(feature), factsPanel(feature)].filter(Boolean);
  return el('div', {class: 'detail'}, el('p', {}, feature.bound), story(feature), el('div', {class: 'remedies'}, remedies(feature)), el('div', {class: 'panels'}, panels));
}
