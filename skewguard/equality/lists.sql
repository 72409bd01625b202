-- answers: when do two lists of numbers differ, element by element and in order?
-- reads: nothing; macros over their arguments and over those of numbers.sql
-- parameters: offline, online: two lists of numbers; absolute, relative: the tolerance of each element, doubles

create or replace temp macro lists_differ(offline, online, differing) as
    case
        when offline = online then false
        when offline is null or online is null then not (offline is null and online is null)
        when len(offline) <> len(online) then true
        else len(differing) > 0
    end;

create or replace temp macro float_lists_differ(offline, online, absolute, relative) as
    lists_differ(offline, online, list_filter(
        list_zip(offline, online),
        lambda pair: floats_differ(pair[1], pair[2], absolute, relative)
    ));

create or replace temp macro integer_lists_differ(offline, online, absolute, relative) as
    lists_differ(offline, online, list_filter(
        list_zip(offline, online),
        lambda pair: integers_differ(pair[1], pair[2], absolute, relative)
    ));

-- Integers against floats are never compared as lists: DuckDB would make doubles of all of them first.
create or replace temp macro integer_float_lists_differ(offline, online, absolute, relative) as
    case
        when offline is null or online is null then not (offline is null and online is null)
        when len(offline) <> len(online) then true
        else len(list_filter(
            list_zip(offline, online),
            lambda pair: mixed_differ(pair[1], pair[2], pair[1], pair[2], absolute, relative)
        )) > 0
    end;

create or replace temp macro float_integer_lists_differ(offline, online, absolute, relative) as
    case
        when offline is null or online is null then not (offline is null and online is null)
        when len(offline) <> len(online) then true
        else len(list_filter(
            list_zip(offline, online),
            lambda pair: mixed_differ(pair[1], pair[2], pair[2], pair[1], absolute, relative)
        )) > 0
    end;
