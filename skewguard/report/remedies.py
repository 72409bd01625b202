"""What each cause means, what usually leads to it, and what to do about it in Feast: all texts in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skewguard.model import Cause


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Three sentences about one cause: `is_when` completes "a cell is this when"."""

    is_when: str
    leads_to_it: str
    what_to_do: str


def _remedy(is_when: str, leads_to_it: str, what_to_do: str) -> Remedy:
    return Remedy(is_when=is_when, leads_to_it=leads_to_it, what_to_do=what_to_do)


def remedy_of(cause: str) -> Remedy:
    """The texts for a cause as the ledger names it; for one of a later version, what holds of any."""
    return REMEDIES.get(Cause(cause), UNKNOWN) if cause in set(Cause) else UNKNOWN


UNKNOWN = _remedy(
    "a later version of skewguard found the cause; this one has no text for it.",
    "Its evidence is below.",
    "Upgrade skewguard, and explain the feature again.",
)

REMEDIES: Mapping[Cause, Remedy] = {
    Cause.NONDETERMINISTIC: _remedy(
        "the transform gives another output for the very same inputs when it runs again.",
        "A clock, a random number, the order of a set, a global that changes, or a service asked inside the transform.",
        "Hand in what changes: as request data (RequestSource) or as an input feature. Fix the seed of what is random.",
    ),
    Cause.STORED_ON_DEMAND: _remedy(
        "the on-demand view is kept in the online store and was not written again after its inputs or code changed.",
        "write_to_online_store=True: Feast serves what it wrote, training computes anew.",
        "Materialize the on-demand view whenever its inputs are, and after each change of its code; or drop "
        "write_to_online_store=True, so that it is computed when it is asked for.",
    ),
    Cause.TRANSFORM_VERSION: _remedy(
        "one path runs another version of the transform than the other.",
        "Code that changed without `feast apply`, a table that was not built again, or a feature server with an old "
        "registry in its cache.",
        "Run `feast apply` from the code that trains and restart the feature servers; where the transform is "
        "decorated, run `skewguard build` and materialize its view again.",
    ),
    Cause.INHERITED: _remedy(
        "the inputs of the transform are skewed, and its output follows from them on both sides.",
        "The transform is right; a view that it reads is not.",
        "Explain the features that it reads, which are in the evidence, and put those right.",
    ),
    Cause.UNDECLARED_INPUT: _remedy(
        "the transform reads a column that only one path hands in; with the declared ones alone, both agree.",
        "A column of the training frame, or of a view that is not among the sources, read inside the transform.",
        "Add the column to the sources of the on-demand view (a feature view, or a RequestSource), or stop reading it.",
    ),
    Cause.NULL_HANDLING: _remedy(
        "the transform differs, or raises, only where an input is null or an integer column was made float by a null.",
        "In training a null is NaN in a float column; in a request of one row it is None in an object column.",
        'Make the type before using the value: `inputs["x"].astype("float64")`, and say what a null gives (`fillna`).',
    ),
    Cause.INPUT_TYPE: _remedy(
        "the transform gives different results for the types that the two paths hand in.",
        "Integers that are floats on one path, times with and without a zone, text where the other has a number.",
        "Cast each input to its declared dtype in the first lines of the transform.",
    ),
    Cause.BATCH_DEPENDENT: _remedy(
        "the transform gives this row another value alone than among others.",
        "A mean, rank, shift, sort, group or normalisation over the rows of a batch: serving sends one row at a time.",
        "Compute each row from itself alone. Put aggregates over rows into a batch view, and read them as an input.",
    ),
    Cause.OFFLINE_DROPPED: _remedy(
        "the offline store gave no row, or merged it with another, though the source has a value.",
        "Entity rows that share keys and time, or one query over several views of which one has only expired rows: "
        "the default (dask) store drops or merges them.",
        "Ask with unique keys and times, one view at a time, or use `offline_store: {type: duckdb}`. What was trained "
        "on the short frame lacks these rows.",
    ),
    Cause.OFFLINE_ENGINE: _remedy(
        "offline is the value of another row of the source, and online is right.",
        "The default (dask) store picks a superseded row among those of one time, or pairs rows whose time is null; "
        "the duckdb store joins by the mapped keys alone where a join-key map does not name all keys of the view.",
        "Set created_timestamp_column, drop rows without an event time, or use `offline_store: {type: duckdb}`; there, "
        "name every key in `with_join_key_map`, an unchanged one as itself.",
    ),
    Cause.BATCH_TRANSFORM_BYPASSED: _remedy(
        "one path ran the transform of the view, the other read the raw column.",
        "Feast runs the transform of a batch or stream view when it materializes, and not in get_historical_features.",
        "Compute the transform into the table that the view reads, so that both paths read its result.",
    ),
    Cause.NEVER_MATERIALIZED: _remedy(
        "no window of the view was ever materialized, or the online store holds no row of it.",
        "A new view without its first `feast materialize`, or one that failed; or a store that was emptied.",
        "Run `feast materialize START END -v VIEW`, and put the view on the schedule of the others.",
    ),
    Cause.KEY_ENCODING: _remedy(
        "the online store holds the entity, but under keys that are encoded differently.",
        "An entity's value type, its join keys or entity_key_serialization_version changed after rows were written.",
        "Materialize all windows of the view again with the definitions as they are now; the old rows are never read.",
    ),
    Cause.FEATURE_ADDED_LATER: _remedy(
        "the online row has other features of the view, and not this one.",
        "The feature was added to the view after the row was written; incremental runs write only newer events.",
        "Materialize the history of the view again: `feast materialize START END -v VIEW`.",
    ),
    Cause.NOT_YET_MATERIALIZED: _remedy(
        "the event is later than the end of every materialized window.",
        "The usual lag from an event to the next `feast materialize-incremental`, or a schedule that stopped.",
        "Materialize more often, or push. Where the lag is acceptable, say so: `freshness` in the contract, or "
        "`--max-freshness`.",
    ),
    Cause.BEFORE_FIRST_WINDOW: _remedy(
        "the event is earlier than the start of every materialized window.",
        "The first window started too late: the first incremental run goes back by the view's TTL only.",
        "Run `feast materialize` once from the oldest event that a model may be served, then all later windows again.",
    ),
    Cause.MATERIALIZATION_GAP: _remedy(
        "the event lies between two materialized windows, in neither.",
        "A run that failed or was left out, after which the schedule went on.",
        "Run `feast materialize` over the gap and then over what follows it, in the order of time.",
    ),
    Cause.LATE_ARRIVAL: _remedy(
        "the event lies inside a window, but its row came after that window was materialized.",
        "Upstream delivers late; incremental runs never look back, and training sees the row as if it were in time.",
        "Start each window earlier by the usual lateness (`feast materialize START END`, overlapping), or leave the "
        "last hours out of training. `freshness` in the contract says how much is acceptable.",
    ),
    Cause.OLDER_WRITE_WON: _remedy(
        "a later write that covers only older events took the place of a newer value.",
        "A backfill of old windows after newer ones, or a push with an old event time: the SQLite store keeps what was "
        "written last, whatever its event time.",
        "Materialize the newest window again, and run backfills in the order of time.",
    ),
    Cause.TTL_NOT_ENFORCED: _remedy(
        "source and offline are null because the value is older than the TTL; online serves it all the same.",
        "Feast applies `ttl` in training and not when it serves.",
        "Expire rows in the store itself (Redis: `key_ttl_seconds`), write nulls for what is over, or widen `ttl` so "
        "that training sees what serving does.",
    ),
    Cause.FUTURE_ONLINE: _remedy(
        "the event of the online row is later than the instant that was checked.",
        "Event times in the future (a local time taken for UTC, a plan instead of an event), or values that moved on "
        "after the as-of of this check.",
        "Correct the event times; check with `--as-of now` or `--as-of materialized`.",
    ),
    Cause.ONLINE_ONLY_PUSH: _remedy(
        "the event of the online row is not in the source and in no materialized window.",
        "A push to the online store alone: training never sees what was served.",
        "Push with PushMode.ONLINE_AND_OFFLINE, or land the same events in the batch source.",
    ),
    Cause.DELETED_UPSTREAM: _remedy(
        "the event of the online row was materialized once and is no longer in the source.",
        "Rows deleted or cut by retention upstream; materialization writes and never deletes.",
        "Write a row of nulls with a new event time for such keys, or delete them from the online store.",
    ),
    Cause.STALE_ONLINE: _remedy(
        "online is the source's value as of an older event, and nothing that Feast records says why.",
        "A materialization that failed part-way, a window that was recorded and not written, or another writer.",
        "Materialize the window again and look at the log of the run that should have written it.",
    ),
    Cause.TIE_BREAK: _remedy(
        "several source rows share keys and newest event time, and each path took another of them.",
        "Duplicates in the source without a created time that decides.",
        "Set created_timestamp_column in the source, or keep one row per keys and time.",
    ),
    Cause.PRECISION: _remedy(
        "online is what Feast's own conversion to the declared dtype makes of the source value.",
        "The declared dtype holds less than the source: Float32 for doubles, Int64 for fractions or beyond 2^53.",
        "Declare the dtype that the source has and materialize again; or store in the source what the dtype can hold. "
        "Where the difference does not matter, give the contract a `tolerance`.",
    ),
    Cause.REWRITTEN_HISTORY: _remedy(
        "both sides have the same event, but its value in the source changed after it was materialized.",
        "A backfill or a correction in place: training reads the new past, serving still has the old one.",
        "Materialize the rewritten window again; or append corrections as new rows with a created time.",
    ),
    Cause.TIMEZONE_SHIFT: _remedy(
        "the two sides are equal after one shift by a multiple of 15 minutes.",
        "Local times without a zone on one path, taken for UTC on the other.",
        "Keep times in UTC with their zone, in the source and in every transform.",
    ),
    Cause.NULL_DEFAULT: _remedy(
        "one side is null where the other has one constant.",
        "Only one path fills nulls: a `fillna` in the training job, or a default in the serving code.",
        "Fill nulls in one place that both paths read (the source, or the transform), or in neither.",
    ),
    Cause.TEXT_FORM: _remedy(
        "the texts are equal after Unicode normalisation, case folding and trimming.",
        "Only one path cleans text.",
        "Clean the text where it is written, once.",
    ),
    Cause.ELEMENT_ORDER: _remedy(
        "the lists hold the same elements in another order.",
        "Lists made from sets, or by an aggregate without an order.",
        "Sort the elements where the list is made, or declare the feature as a Set.",
    ),
    Cause.UNIT_SCALE: _remedy(
        "online is offline times one constant.",
        "Different units: cents and euros, seconds and milliseconds, shares and percentages.",
        "Convert in one place that both paths read, and say the unit in the feature's name.",
    ),
    Cause.RESCALED: _remedy(
        "online is one linear function of offline.",
        "One path normalises or standardises, the other does not; or each with another mean and deviation.",
        "Store raw values as features, and scale inside the model, with the constants that it was trained with.",
    ),
    Cause.SWAPPED_FEATURE: _remedy(
        "online is the source value of another feature for the same row.",
        "Columns mixed up on the way: a field_mapping, a write by position, two names exchanged.",
        "Write columns by name; correct the mapping, then materialize again.",
    ),
    Cause.SWAPPED_ENTITY: _remedy(
        "online is the same feature's source value for another entity.",
        "Keys and values put together by position after one of them was sorted or shifted; a wrong join-key map.",
        "Join by key, never by position; correct it, then materialize or push again.",
    ),
    Cause.KEY_EXPIRED: _remedy(
        "Redis holds no row although a window covered its event, and the store lets keys expire.",
        "`key_ttl_seconds` of the online store is shorter than the time between two writes of the same key.",
        "Set `key_ttl_seconds` to no less than the view's `ttl` and the time between events, or write the keys again "
        "before they expire.",
    ),
    Cause.DTYPE_CHANGED: _remedy(
        "online is the source value in the dtype that the feature had when it was written.",
        "The dtype of a feature was changed and applied; Feast serves stored values in the type that they were stored "
        "in.",
        "Write the view's history once more with the new dtype: `feast materialize START END -v VIEW`; on Redis with "
        "`skip_dedup: true`, for it ignores events that it has already.",
    ),
    Cause.UNEXPLAINED: _remedy(
        "no cause that skewguard knows passes its test on the evidence that there is.",
        "A writer that Feast does not know of, several causes at once, or too little evidence: no created timestamps, "
        "no recorded windows, fewer than five cells for a pattern.",
        "Look at the cells with the SQL below: which entities, since when, by how much. A created_timestamp_column in "
        "the source, and a larger --sample, let the next check say more.",
    ),
}
