-- answers: how long after its event was a row created: half, 90 %, 99 % and all of the late ones by then?
-- reads: leak_reads: event_us, created_us
-- parameters: none
select quantile_disc(created_us - event_us, [0.5, 0.9, 0.99, 1.0]) as lags_us
from leak_reads
where created_us > event_us
