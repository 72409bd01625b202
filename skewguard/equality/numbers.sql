-- answers: when do two numbers differ by more than their tolerance?
-- reads: nothing; macros over their arguments
-- parameters: offline, online: two numbers, null or NaN where there is no value; absolute, relative: the tolerance, doubles

create or replace temp macro no_number(value) as
    value is null or isnan(value);

-- DuckDB orders NaN above all numbers and calls it equal to itself; an infinity equals itself alone.
create or replace temp macro floats_differ(offline, online, absolute, relative) as
    case
        when offline = online then false
        when isfinite(offline) and isfinite(online)
            then abs(offline::double - online::double) > absolute + relative * abs(offline::double)
        else not (no_number(offline) and no_number(online))
    end;

-- The difference of two 64-bit integers does not fit 64 bits; that of two 128-bit ones may not fit 128.
create or replace temp macro integer_distance(offline, online) as
    coalesce(
        try(abs(offline::hugeint - online::hugeint))::double,
        abs(offline::double - online::double)
    );

create or replace temp macro integers_differ(offline, online, absolute, relative) as
    case
        when offline = online then false
        when offline is null or online is null then not (offline is null and online is null)
        else integer_distance(offline, online) > absolute + relative * abs(offline::double)
    end;

-- Comparing as doubles would take 2^53 + 1 for 2^53.
create or replace temp macro same_number(whole, floating) as
    whole::double = floating and coalesce(try_cast(floating as hugeint) = whole::hugeint, false);

create or replace temp macro mixed_distance(whole, floating) as
    case
        when floor(floating) = floating and try_cast(floating as hugeint) is not null
            then integer_distance(whole, try_cast(floating as hugeint))
        else abs(whole::double - floating::double)
    end;

-- One of offline and online is `whole`, the other `floating`.
create or replace temp macro mixed_differ(offline, online, whole, floating, absolute, relative) as
    case
        when whole is null then not no_number(floating)
        when no_number(floating) then true
        when same_number(whole, floating) then false
        when isinf(floating) then true
        else mixed_distance(whole, floating) > absolute + relative * abs(offline::double)
    end;
