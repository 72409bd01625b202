"""What a long run tells whoever is waiting for it; where and how that is shown is the edge's business."""

from __future__ import annotations

from typing import Protocol

from skewguard.model import Stage


class Progress(Protocol):
    """Told by the pipeline, in order: `stage`, any number of `advance` and `tell`, the next `stage`, ..., `done`."""

    def stage(self, stage: Stage, detail: str = "", total: int | None = None) -> None:
        """A new piece of work begins: `detail` names it (a view), `total` is how many steps it has, if known."""

    def advance(self, count: int = 1) -> None:
        """So many more steps of the current piece of work are behind us."""

    def tell(self, text: str) -> None:
        """Something to know before it is done, such as how much will be read: shown whole, and it stays."""

    def done(self) -> None:
        """The run is over, well or badly; also called after an error, and perhaps again."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, stage: Stage, detail: str = "", total: int | None = None) -> None:
        """Nothing is shown."""

    def advance(self, count: int = 1) -> None:
        """Nothing is shown."""

    def tell(self, text: str) -> None:
        """Nothing is shown."""

    def done(self) -> None:
        """Nothing is shown."""


silent: Progress = Silent()
