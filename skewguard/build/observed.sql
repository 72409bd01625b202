-- answers: what does a source hold, in all and up to where a table has seen it, and when did the earliest new event happen?
-- reads: events: event_us, arrived_us, row_hash
-- parameters: $seen_us, null where no table has seen the source
select
    count(*) as rows,
    coalesce(sum(row_hash::hugeint), 0)::varchar as digest,
    max(arrived_us) as newest_us,
    count(*) filter (arrived_us is null or arrived_us <= $seen_us) as seen_rows,
    coalesce(sum(row_hash::hugeint) filter (arrived_us is null or arrived_us <= $seen_us), 0)::varchar as seen_digest,
    min(event_us) filter (arrived_us > $seen_us) as first_new_us
from events
