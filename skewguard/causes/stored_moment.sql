-- answers: how is an instant written down in evidence?
-- reads: nothing; a macro over its argument
-- parameters: us: microseconds since 1970, UTC
create or replace temp macro moment(us) as
    strftime(make_timestamp(us), '%Y-%m-%dT%H:%M:%S.%f+00:00');
