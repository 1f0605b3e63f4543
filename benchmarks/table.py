"""The table that a benchmark prints: what was measured, next to what must hold."""

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows, printed as they become known."""

    counts_only: bool = False
    """Judge what is counted alone: how long something takes says little when it was short."""
    broken: list[str] = field(default_factory=list)
    """What does not hold."""

    def title(self, text: str) -> None:
        """Begin a part."""
        print(f"\n{text}", flush=True)

    def row(
        self, what: str, figure: float, unit: str, *, most: float | None = None
    ) -> None:
        """Tell a figure, and the limit that it must keep."""
        limit = verdict = ""
        if most is not None and not (unit and self.counts_only):
            limit = f"<= {most:g} {unit}"
            verdict = "holds" if figure <= most else "BROKEN"
            if figure > most:
                self.broken.append(f"{what}: {figure:.3g} {unit}, not {limit}")
        shown = f"{figure:.0f}" if figure >= 1000 else f"{figure:.3g}"
        print(f"  {what:58}{shown:>9} {unit:5}{limit:>14}  {verdict}", flush=True)

    @property
    def verdict(self) -> str:
        """Say what does not hold; nothing if everything does."""
        return "; ".join(self.broken)
