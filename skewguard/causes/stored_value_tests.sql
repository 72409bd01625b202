-- answers: nothing; makes the tables of what each skewed cell's values equal, alone and among related events
-- reads: nothing; each feature's rows are inserted by Python, which binds its columns and types
-- parameters: none
create or replace temp table cause_value_tests (
    row_id bigint,
    position integer,
    source_known boolean,
    source_null boolean,
    online_null boolean,
    offline_is_untransformed boolean,
    online_is_untransformed boolean,
    offline_is_coded boolean,
    online_is_coded boolean,
    online_is_converted boolean
);
create or replace temp table cause_related_tests (
    row_id bigint,
    position integer,
    online_has_older_value boolean,
    online_has_its_event boolean,
    source_kept_value boolean,
    online_at_source boolean,
    online_is_tied boolean,
    offline_is_tied boolean,
    online_is_superseded boolean,
    offline_is_superseded boolean,
    offline_is_timeless boolean,
    offline_is_mispaired boolean
);
