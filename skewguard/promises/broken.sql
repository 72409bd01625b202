-- answers: does a value, which is not null, break what is promised of it?
-- reads: nothing; macros over their arguments
-- parameters: value; least, most: bounds, null for none; absolute, relative: how far beyond a bound is no breach, doubles

-- Beyond a bound by no more than two sides may differ: a Float32 of 0.1 is above 0.1, and stays within it.
create or replace temp macro breaks_range(value, least, most, absolute, relative) as
    coalesce(value::double < least - (absolute + relative * abs(least)), false)
    or coalesce(value::double > most + (absolute + relative * abs(most)), false);

create or replace temp macro breaks_categories(value, allowed) as
    not list_contains(allowed, value::varchar);

-- `most` is the first number that does not fit: that of 64 bits has no double just below it.
create or replace temp macro breaks_whole(value, least, most) as
    case
        when isnan(value) then false
        when isinf(value) then true
        else value <> trunc(value) or value < least or value >= most
    end;

-- Text that is no number is none of this dtype; '7.0' is 7 to whoever reads it.
create or replace temp macro breaks_whole_text(value, least, most) as
    coalesce(breaks_whole(try_cast(trim(value) as double), least, most), true);

-- The largest single float, and what still rounds to it.
create or replace temp macro breaks_single(value) as
    isfinite(value) and abs(value) >= 3.4028235677973366e38::double;

create or replace temp macro breaks_number_text(value) as
    try_cast(trim(value) as double) is null;

create or replace temp macro breaks_boolean(value) as
    not isnan(value) and value not in (0, 1);

create or replace temp macro breaks_boolean_text(value) as
    try_cast(trim(value) as boolean) is null;

create or replace temp macro breaks_moment_text(value) as
    try_cast(trim(value) as timestamptz) is null;

create or replace temp macro breaks_whole_list(value, least, most) as
    len(list_filter(value, lambda each: each is not null and breaks_whole(each::double, least, most))) > 0;

create or replace temp macro breaks_single_list(value) as
    len(list_filter(value, lambda each: each is not null and breaks_single(each))) > 0;

-- Last, so that whoever asks whether it is there knows of all of the above.
create or replace temp macro promises_are_defined() as true;
