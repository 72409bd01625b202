-- answers: when did each of some entities have its first event? Null where it has none.
-- reads: first_asked: place, k, k0, k1, ...; first_source: k, k0, k1, ..., event_time
-- parameters: none
select place, epoch_us(min(event_time)) as first_us
from first_asked natural left join first_source
group by place
order by place
