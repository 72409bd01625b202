-- How long after its event was a row created: half, 90 %, 99 % and all of the late ones by then?
-- Reads leak_seen (seen.sql).
-- Parameters: none.
select quantile_disc(lag_us, [0.5, 0.9, 0.99, 1.0]) as lags_us
from (select distinct position, created_us - event_us as lag_us from leak_seen)
where lag_us > 0
