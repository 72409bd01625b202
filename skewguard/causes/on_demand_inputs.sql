-- answers: nothing; makes the tables of inputs that are skewed, and the macro that compares what two runs gave
-- reads: nothing; filled input by input
-- parameters: none
create or replace temp table input_skew (row_id bigint, feature varchar, offline_value varchar, online_value varchar);

-- Rows of which an online store cannot hold the training inputs as they are: 7.9 in an Int64, 1e40 in a Float32.
create or replace temp table unfaithful (row_id bigint);

-- An error agrees with an error of the same class: its message may hold the value at fault.
create or replace temp macro run_agrees(was_made, first_error, second_error, values_differing) as
    was_made and case
        when first_error is null and second_error is null then not values_differing
        else coalesce(split_part(first_error, ':', 1) = split_part(second_error, ':', 1), false)
    end;
