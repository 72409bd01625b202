-- answers: what is the code of a pair of values: 0 match, 1 mismatch, 2 missing online, 3 missing offline?
-- reads: nothing; macros over their arguments
-- parameters: what the pair's own macro says and which values are null; position: the bit of a feature in a mask

create or replace temp macro values_differ(offline, online) as
    offline is distinct from online;

create or replace temp macro code_of(differing, offline_null, online_null) as
    case when not differing then 0 when online_null then 2 when offline_null then 3 else 1 end::tinyint;

create or replace temp macro bit_if(differing, position) as
    case when differing then 1::ubigint << position else 0::ubigint end;

create or replace temp macro has_bit(mask, position) as
    (mask >> position) & 1 = 1;

-- Where two values that differ print alike (text '1' and the number), their types tell them apart.
create or replace temp macro told_apart(printed, other, printed_type) as
    case when printed = other then printed || ' (' || printed_type || ')' else printed end;
