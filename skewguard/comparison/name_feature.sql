-- answers: nothing; adds one feature
-- reads: nothing; writes feature_names
-- parameters: $position, $feature, $absent, $freshness
insert into feature_names
values ($position, $feature, $absent, $freshness);
