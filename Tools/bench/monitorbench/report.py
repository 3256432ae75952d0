"""From samples to rows of a table."""

import statistics


def spread(values: list[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, middle, upper


def shown(values: list[float], unit: str, digits: int = 0) -> str:
    """`12 KiB (11–14)`."""
    lower, middle, upper = spread(values)
    return f"{middle:.{digits}f} {unit} ({lower:.{digits}f}–{upper:.{digits}f})"


def row(name: str, ours: list[float], theirs: list[float], unit: str, digits: int = 0) -> str:
    """Both sides, and the quotient of the medians with the quartiles of the rounds' quotients."""
    lower, _, upper = spread([a / b for a, b in zip(ours, theirs, strict=True)])
    ratio = statistics.median(ours) / statistics.median(theirs)
    return (f"| {name} | {shown(ours, unit, digits)} | {shown(theirs, unit, digits)} "
            f"| {ratio:.3f} ({lower:.3f}–{upper:.3f}) |")


def aim(name: str, value: float, limit: float, unit: str) -> str:
    """A row of what is to be reached."""
    verdict = "reached" if value <= limit else "MISSED"
    return f"| {name} | {value:.6g} {unit} | ≤ {limit:g}: {verdict} |"
