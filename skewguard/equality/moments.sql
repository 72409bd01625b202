-- answers: when do two instants differ, and when do they differ in their whole seconds?
-- reads: nothing; macros over their arguments
-- parameters: offline, online: dates or timestamps; offline_ns, online_ns: the same since 1970, null where infinite

-- Dates and timestamps of up to microseconds; dates are midnight and naive times are UTC.
create or replace temp macro nanoseconds_of(moment) as
    try(epoch_us(moment))::hugeint * 1000;

-- Timestamps of nanoseconds, which DuckDB casts to others only with loss.
create or replace temp macro nanoseconds_of_fine(moment) as
    try(epoch_ns(moment))::hugeint;

create or replace temp macro instants_differ(offline, online, offline_ns, online_ns) as
    case
        when offline is null or online is null then not (offline is null and online is null)
        when offline_ns is null or online_ns is null then offline::varchar <> online::varchar
        else offline_ns <> online_ns
    end;

-- Integer division cuts off towards zero, which before 1970 is up.
create or replace temp macro second_below(ns) as
    (ns - ((ns % 1000000000) + 1000000000) % 1000000000) // 1000000000;

create or replace temp macro second_above(ns) as
    -second_below(-ns);

-- Feast keeps whole seconds, and cuts off what is more: by rounding down or, before 1970, towards zero.
create or replace temp macro cut_to(ns, cut) as
    cut % 1000000000 = 0 and ns < 0 and second_above(ns) * 1000000000 = cut;

create or replace temp macro seconds_differ(offline, online, offline_ns, online_ns) as
    case
        when offline is null or online is null then not (offline is null and online is null)
        when offline_ns is null or online_ns is null then offline::varchar <> online::varchar
        when second_below(offline_ns) = second_below(online_ns) then false
        else not (cut_to(offline_ns, online_ns) or cut_to(online_ns, offline_ns))
    end;

-- ISO-8601 with its offset, for JSON.
create or replace temp macro iso_text(moment) as
    replace(moment::timestamp::varchar, ' ', 'T') || '+00:00';
