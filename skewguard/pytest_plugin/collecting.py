"""Adds the items of `--skewguard` to what pytest collects, under ids that do not depend on what a check finds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors import SkewguardError
from skewguard.model import Law
from skewguard.pipeline.listing import Listing, list_features
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.parity_listing import TransformListing, list_transforms
from skewguard.pipeline.parity_options import ParityOptions
from skewguard.pytest_plugin import MARK
from skewguard.pytest_plugin.asked import NAMED, law_options_of, names_single_tests, options_of, take_named
from skewguard.pytest_plugin.items import FeatureItem, SkippedItem, UnloadedItem, WaiversItem
from skewguard.pytest_plugin.laws import LawItem
from skewguard.pytest_plugin.sharing import Shared

FOLDER = "skewguard_folder"


def activate(config: pytest.Config) -> None:
    """Register what adds the items. Errors: UsageError for options that cannot be."""
    named = take_named(config)
    if named is None and not config.getoption("--skewguard") and names_single_tests(config):
        return
    folder = getattr(config, "workerinput", {}).get(FOLDER)
    shared = Shared(folder=None if folder is None else Path(folder))
    options = options_of(config)
    adding = Adding(options=options, law_options=law_options_of(config, options), named=named, shared=shared)
    config.pluginmanager.register(adding, "skewguard-items")


@dataclass(frozen=True, kw_only=True, eq=False)
class Adding:
    """The hooks of a session with `--skewguard`. `named` are the ids asked for; None means all."""

    options: CheckOptions
    law_options: ParityOptions
    named: frozenset[str] | None
    shared: Shared
    folders: list[str] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """What the session collects, and our collector after it."""
        report = yield
        if isinstance(collector, pytest.Session):
            ours = Skewguard.from_parent(collector, name=MARK, nodeid=MARK, path=self.options.repo, adding=self)
            report.result = [*report.result, ours]
        return report

    def pytest_report_header(self) -> str:
        """Which repo, and where the run is kept."""
        return f"skewguard: {self.options.repo} ({self.options.mode.value}), ledger {self.options.db}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """xdist: tell each process where to find what another one has made."""
        if not self.folders:
            self.folders.append(tempfile.mkdtemp(prefix="skewguard-pytest-"))
        node.workerinput[FOLDER] = self.folders[0]

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


class Skewguard(pytest.Collector):
    """All items of one repo."""

    def __init__(self, *, adding: Adding, **node: Any) -> None:
        super().__init__(**node)
        self.adding = adding

    def collect(self) -> Iterator[pytest.Item]:
        """One item per feature, per view that is skipped or cannot be loaded, and per transform and law."""
        adding = self.adding
        try:
            listing = adding.shared.once("listing", lambda: list_features(adding.options))
            transforms = adding.shared.once("transforms", lambda: list_transforms(adding.law_options))
        except SkewguardError as error:
            raise self.CollectError(str(error)) from error
        items = [*self._items(listing), *self._laws(transforms, {each.feature for each in listing.errors})]
        wanted = self.adding.named
        if wanted is None or MARK in wanted:
            yield from items
            return
        unknown = sorted(wanted - {item.nodeid for item in items})
        if unknown:
            from skewguard.errors import near

            raise self.CollectError(f"not found: {unknown[0]}. {near(unknown[0], [item.nodeid for item in items])}")
        yield from (item for item in items if item.nodeid in wanted)

    def _items(self, listing: Listing) -> Iterator[pytest.Item]:
        for ref in listing.features:
            yield self._item(FeatureItem, ref, adding=self.adding)
        if self.adding.options.waivers:
            yield self._item(WaiversItem, "[waivers]", adding=self.adding)
        for error in listing.errors:
            yield self._item(UnloadedItem, error.feature, message=error.message)
        for view in listing.skipped:
            yield self._item(SkippedItem, view.feature, reason=view.reason)

    def _laws(self, listing: TransformListing, told: set[str]) -> Iterator[pytest.Item]:
        laws = self.adding.law_options.laws or tuple(Law)
        for transform in listing.transforms:
            for law in laws:
                yield self._item(LawItem, f"{transform}[{law}]", adding=self.adding, transform=transform, law=law)
        for error in listing.errors:
            if error.feature not in told:
                yield self._item(UnloadedItem, error.feature, message=error.message)

    def _item(self, kind: Any, name: str, **about: Any) -> pytest.Item:
        from skewguard.report.plain import safe

        # The id as text: pytest reads brackets in it as it does when --lf reads it back.
        item: pytest.Item = kind.from_parent(self, name=safe(name), nodeid=f"{NAMED}{safe(name)}", **about)
        item.add_marker(MARK)
        return item
