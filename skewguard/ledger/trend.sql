-- answers: how did the skew of each feature go from run to run?
-- reads: runs, features
-- parameters: none
create or replace view trend as
select
    features.run_id,
    features.feature,
    runs.started_at,
    runs.command,
    runs.mode,
    runs.as_of,
    features.verdict,
    features.compared,
    features.skewed,
    features.skew_rate,
    features.skew_rate_upper,
    features.max_skew_rate,
    -- against the run before of the same command and mode: a sandbox and a live check answer different questions
    features.skew_rate - lag(features.skew_rate) over (
        partition by features.feature, runs.command, runs.mode, runs.repo
        order by runs.started_at, runs.run_id
    ) as skew_rate_change,
    features.top_cause,
    runs.git_commit
from features
join runs using (run_id);
