"""`cas bench report`: the kept results as one page, with a picture for each."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cas_server.bench.kept import FOLDER, Kept, KeptCurve, KeptSide, KeptTarget, kept

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = "README.md"
INTRODUCTION = """# How fast, beside what

Written by `cas bench report` from `results/`; each file there by `cas bench NAME --keep`.
Figures of a machine mean little by themselves, so each stands beside a yardstick of the same run:
the sides take turns, every round is kept, medians are compared. What a person has to say about a
result lies beside it as `results/NAME.md`.
"""
WIDTH_IN, ROW_IN, CURVE_IN, DPI = 7.0, 0.42, 3.2, 80
OURS = "CAS"
BLUE, GREY = "#1f5fa8", "#8a8f98"


def write(folder: Path = FOLDER) -> Path:
    """The page and its pictures, in `folder`; where the page lies."""
    results = kept()
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    sections = [_section(result, _draw(result, pictures)) for result in results]
    page = folder / PAGE
    page.write_text("\n".join([INTRODUCTION, _targets(results), *sections]))
    return page


def _targets(results: Sequence[Kept]) -> str:
    lines = ["| benchmark | figure | wanted | measured | |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| [{result.name}](#{result.name}) | {_row(target)} |"
        for result in results
        for target in result.targets
    ]
    return "\n".join(lines) + "\n"


def _row(target: KeptTarget) -> str:
    word = "met" if target.met else "**missed**"
    return f"{target.what} | {target.wanted} {target.limit:g} | {target.value:g} | {word}"


def _section(result: Kept, pictures: Sequence[str]) -> str:
    lines = [f"## {result.name}", "", result.compared, ""]
    lines += [f"![{result.name}]({picture})" for picture in pictures]
    if result.sides:
        lines += ["", f"| {result.unit} | median | least | most | rounds |"]
        lines += ["| --- | --- | --- | --- | --- |", *map(_side, result.sides)]
    checks = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.checks.items())
    lines += ["", f"Checked: {checks}." if checks else "", ""]
    if result.note:
        lines += [result.note, ""]
    lines += [f"*{result.commit}, {result.machine}*", ""]
    return "\n".join(lines)


def _side(side: KeptSide) -> str:
    values = " | ".join(f"{value:,.4g}" for value in (side.median, side.least, side.most))
    return f"| {side.name} | {values} | {len(side.rounds)} |"


def _draw(result: Kept, folder: Path) -> list[str]:
    """The pictures of one result, by their place beside the page."""
    drawn = []
    if result.sides:
        drawn.append(_bars(result, folder / f"{result.name}.png"))
    groups = {(curve.x_label, curve.y_label, curve.log) for curve in result.curves}
    for number, group in enumerate(sorted(groups), 1):
        curves = [each for each in result.curves if (each.x_label, each.y_label, each.log) == group]
        drawn.append(_curves(curves, folder / f"{result.name}-{number}.png"))
    return [f"{folder.name}/{file.name}" for file in drawn]


def _bars(result: Kept, file: Path) -> Path:
    sides = list(reversed(result.sides))
    with _Paper(ROW_IN * len(sides) + 0.9, file) as axes:
        middles = [side.median for side in sides]
        below = [side.median - side.least for side in sides]
        above = [side.most - side.median for side in sides]
        axes.barh(
            [side.name for side in sides],
            middles,
            xerr=[below, above],
            color=[BLUE if side.name.startswith(OURS) else GREY for side in sides],
            capsize=3,
        )
        axes.set_xlabel(f"{result.unit}, median and spread")
    return file


def _curves(curves: Sequence[KeptCurve], file: Path) -> Path:
    with _Paper(CURVE_IN, file) as axes:
        for curve in curves:
            axes.plot(*zip(*curve.points, strict=True), marker="o", markersize=3, label=curve.name)
        if curves[0].log:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set_xlabel(curves[0].x_label)
        axes.set_ylabel(curves[0].y_label)
        axes.legend(fontsize=8)
    return file


class _Paper:
    """One small picture, written when the block ends."""

    def __init__(self, height_in: float, file: Path) -> None:
        # Loaded only here: no other command should wait for it.
        from matplotlib.figure import Figure

        self._file = file
        self._figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")

    def __enter__(self) -> "Axes":
        axes = self._figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(visible=True, alpha=0.3)
        return axes

    def __exit__(self, *fault: object) -> None:
        # Without the version of what drew it: a picture changes when its figures do.
        self._figure.savefig(self._file, dpi=DPI, metadata={"Software": None})
