-- answers: which source rows can the sampled entities see at as-of? Also those without a time: Feast's dask store returns them.
-- reads: source_events: k0, k1, ... (join keys), event_time, c0, c1, ... (columns), p0, p1 (place); sampled_keys: k0, k1, 
-- parameters: $as_of, of the type of event_time
select columns('^c[0-9]+$')
from source_events natural semi join sampled_keys
where event_time is null or event_time <= $as_of
order by p0, p1
