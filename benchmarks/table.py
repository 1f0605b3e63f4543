"""The table that a benchmark prints: each measured value beside its limit."""

from dataclasses import dataclass, field


@dataclass
class Table:
    """Prints rows as they are measured, and collects exceeded limits."""

    ignore_timings: bool = False
    """Check counts only, because timings of a short run are not reliable."""
    violations: list[str] = field(default_factory=list)
    """One sentence for each limit that was exceeded."""

    def title(self, text: str) -> None:
        """Print the heading of a section."""
        print(f"\n{text}", flush=True)

    def row(
        self, name: str, value: float, unit: str, *, limit: float | None = None
    ) -> None:
        """Print a value and check it against its upper limit."""
        limit_text = verdict = ""
        if limit is not None and not (unit and self.ignore_timings):
            limit_text = f"<= {limit:g} {unit}"
            verdict = "holds" if value <= limit else "EXCEEDED"
            if value > limit:
                self.violations.append(f"{name}: {value:.3g} {unit}, not {limit_text}")
        shown = f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
        print(f"  {name:58}{shown:>9} {unit:5}{limit_text:>14}  {verdict}", flush=True)

    @property
    def summary(self) -> str:
        """The exceeded limits; empty if there is none."""
        return "; ".join(self.violations)
