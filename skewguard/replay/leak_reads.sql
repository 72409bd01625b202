-- answers: from its own time until when does training, once it knows every row, read each event? Of tied ones it reads the last.
-- reads: leak_events: entity, position, event_us, created_us
-- parameters: none. last_us is null for an entity's newest event: it is read ever after, as far as the TTL lets it.
select *, lead(event_us) over (partition by entity order by event_us) - 1 as last_us
from (
    select *
    from leak_events
    qualify row_number() over (partition by entity, event_us order by created_us desc, position) = 1
)
