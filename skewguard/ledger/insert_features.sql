-- answers: nothing; writes the features of one run
-- reads: nothing; writes features
-- parameters: $run_id, and for each other column a list of the same name, one element per feature
insert into skewguard.main.features by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($feature_view::varchar[]) as feature_view,
    unnest($name::varchar[]) as name,
    unnest($view_kind::varchar[]) as view_kind,
    unnest($dtype::varchar[]) as dtype,
    unnest($owner::varchar[]) as owner,
    unnest($fingerprint::varchar[]) as fingerprint,
    unnest($requested::bigint[]) as requested,
    unnest($compared::bigint[]) as compared,
    unnest($matched::bigint[]) as matched,
    unnest($mismatched::bigint[]) as mismatched,
    unnest($missing_online::bigint[]) as missing_online,
    unnest($missing_offline::bigint[]) as missing_offline,
    unnest($serving_errors::bigint[]) as serving_errors,
    unnest($wrong_on_both::bigint[]) as wrong_on_both,
    unnest($within_freshness::bigint[]) as within_freshness,
    unnest($not_compared::bigint[]) as not_compared,
    unnest($skewed::bigint[]) as skewed,
    unnest($skew_rate::double[]) as skew_rate,
    unnest($skew_rate_upper::double[]) as skew_rate_upper,
    unnest($max_skew_rate::double[]) as max_skew_rate,
    unnest($max_abs_error::double[]) as max_abs_error,
    unnest($mean_abs_error::double[]) as mean_abs_error,
    unnest($max_freshness_lag::interval[]) as max_freshness_lag,
    unnest($verdict::varchar[]) as verdict,
    unnest($top_cause::varchar[]) as top_cause,
    unnest($notes::varchar[][]) as notes;
