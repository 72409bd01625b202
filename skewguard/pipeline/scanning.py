"""`--scan-online`: keys that only the online store holds join the population; never without being asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from skewguard.model import Stage, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.pace import paced

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.sample import Draw


def online_keys(bench: Bench, views: Iterable[ViewSpec]) -> dict[str, pa.Table]:
    """The keys that the online store holds, by view name; none where nobody asked for them.

    Errors: ScanRefused, StoreUnreachable; they are the whole check's, as the store is.
    """
    from skewguard.feature_store.scan import scanning

    keyed = [view for view in views if view.join_keys]
    if not bench.options.scan_online or not keyed:
        return {}
    options, found = bench.options, {}
    with scanning(
        bench.repo, bench.folder / "scan", timeout=options.timeout, batch=options.online_batch,
        pause=paced(options.max_qps),
    ) as scanner:  # fmt: skip
        for view in keyed:
            bench.progress.stage(Stage.SAMPLE, f"list the online keys of {view.name}")
            listed = scanner.keys(view)
            found[view.name] = listed.keys
            if listed.strange:
                bench.note(
                    view,
                    f"the online store holds {listed.strange:,} keys of other names or types than this view is asked "
                    "by: no request finds them, and they were left out (--scan-online)",
                )
    return found


def say_what_was_found(bench: Bench, online: Mapping[str, pa.Table], drawn: Mapping[str, Draw]) -> None:
    """How many keys were listed, and how many of them joined the population."""
    for name, keys in online.items():
        if name in drawn:
            only = drawn[name].online_only
            bench.said.append(
                f"--scan-online: of {keys.num_rows:,} keys of {name} in the online store, {only:,} have no source "
                "event at or before as-of and joined the population"
            )
