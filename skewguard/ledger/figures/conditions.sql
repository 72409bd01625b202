-- answers: which simple conditions on its keys and its as-of does each row that was asked for meet? (20,000 rows at most)
-- reads: entity_rows
-- parameters: $run_id
with asked as (
    select row_id, as_of, entity, array_to_string(list_sort(json_keys(entity)), chr(31)) as key_set
    from entity_rows
    where run_id = $run_id and entity is not null
),
drawn as (
    select *, count(*) over (partition by key_set) as rows_asked
    from asked
    qualify row_number() over (partition by key_set order by hash(row_id), row_id) <= 20000
),
held as (
    select
        drawn.key_set,
        drawn.row_id,
        part.key as name,
        part.atom ->> '$' as said,
        case when part.type <> 'VARCHAR' then try_cast(part.atom ->> '$' as double) end as number,
        case when part.type = 'VARCHAR' then try_cast(part.atom ->> '$' as timestamptz) end as moment
    from drawn, json_each(drawn.entity) as part
    union all
    select key_set, row_id, 'as_of', as_of::varchar, null, as_of
    from drawn
),
facts as (
    select key_set, row_id, name, said, coalesce(number, epoch(moment)) as number
    from held
    union all
    select key_set, row_id, 'hour of ' || name, hour(moment)::varchar, hour(moment)
    from held
    where moment is not null
    union all
    select key_set, row_id, 'weekday of ' || name, dayname(moment), null
    from held
    where moment is not null
),
known as (
    select
        key_set,
        name,
        count(distinct said) as different,
        count(*) filter (where said is null) as nulls,
        list_distinct(quantile_disc(number, [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])) as twentieths,
        list_distinct(list(number)) as numbers
    from facts
    group by key_set, name
    having different > 1 or (different = 1 and nulls > 0)
),
cuts as (
    select key_set, name, unnest(case when different <= 50 then numbers else twentieths end) as cut
    from known
),
said_cuts as (
    select cuts.key_set, cuts.name, cuts.cut, min(facts.said) as said
    from cuts
    join facts on facts.key_set = cuts.key_set and facts.name = cuts.name and facts.number = cuts.cut
    group by all
)
select key_set, row_id, rows_asked, null as name, 'every row' as sign, null as value, hash(key_set) as code
from drawn
union all
select facts.key_set, row_id, null, name, '=', said, hash(key_set, name, '=', said)
from facts
join known using (key_set, name)
where said is not null and different <= 50
union all
select facts.key_set, row_id, null, name, 'is null', null, hash(key_set, name, 'is null')
from facts
join known using (key_set, name)
where said is null and different > 0
union all
select
    facts.key_set,
    row_id,
    null,
    facts.name,
    case when number < cut then '<' else '>=' end as side,
    said_cuts.said,
    hash(facts.key_set, facts.name, side, cut)
from facts
join said_cuts on facts.key_set = said_cuts.key_set and facts.name = said_cuts.name
where number is not null
