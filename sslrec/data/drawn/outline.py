"""Outlines as short texts: points that a smooth curve runs through, with corners where it must turn.

Coordinates are in units of the finished picture's pixels, x to the right and y downward. A point is written
`x,y`; `x,y!` is a corner, where the curve may turn sharply.
"""

from __future__ import annotations

import itertools

import numpy as np

Points = np.ndarray
"""`(n, 2)` float64 x and y of a curve's points, close enough together to be joined by straight lines."""
MIDDLE = 80.0
"""The x that `mirrored` reflects at: the middle of the picture."""
_STEPS = 10  # points per stretch of a curve


def curve(text: str) -> Points:
    """An open curve through the points of a text; its two ends count as corners."""
    points, corners = _parsed(text)
    return _through(points, corners)


def closed(text: str) -> Points:
    """A closed outline through the points of a text."""
    points, corners = _parsed(text)
    return _closed(points, corners)


def mirrored(text: str) -> Points:
    """A closed outline that is symmetric about the picture's middle, from the points of its right half.

    The half runs from the top to the bottom; a point that lies in the middle is not doubled.
    """
    points, corners = _parsed(text)
    other = np.column_stack([2 * MIDDLE - points[::-1, 0], points[::-1, 1]])
    keep = np.abs(other[:, 0] - MIDDLE) > 1e-6
    return _closed(np.concatenate([points, other[keep]]), np.concatenate([corners, corners[::-1][keep]]))


def flipped(points: Points) -> Points:
    """The same curve on the other side of the picture's middle."""
    return np.column_stack([2 * MIDDLE - points[:, 0], points[:, 1]])


def sided(points: Points, side: int) -> Points:
    """A curve on its own side of the middle where `side` is 1, on the other where it is -1."""
    return points if side > 0 else flipped(points)


def spot(x: float, y: float, side: int) -> tuple[float, float]:
    """A place on its own side of the middle where `side` is 1, on the other where it is -1."""
    return (x, y) if side > 0 else (2 * MIDDLE - x, y)


def oval(x: float, y: float, width: float, height: float, turn: float = 0.0) -> Points:
    """An ellipse by its centre and half axes, turned by so many degrees clockwise."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return turned(np.column_stack([x + width * np.cos(angle), y + height * np.sin(angle)]), turn, (x, y))


def slab(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Points:
    """A rectangle with round corners."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    quarter = np.linspace(0, np.pi / 2, 8)
    arcs = []
    for number, (x, y) in enumerate(
        [(right - radius, bottom - radius), (left + radius, bottom - radius), (left + radius, top + radius),
         (right - radius, top + radius)]
    ):  # fmt: skip
        angle = quarter + number * np.pi / 2
        arcs.append(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))
    return np.concatenate(arcs)


def turned(points: Points, degrees: float, about: tuple[float, float]) -> Points:
    """A curve turned clockwise about a point."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (points - about) @ turn + about


def moved(points: Points, x: float, y: float) -> Points:
    """A curve moved by so many units."""
    return points + (x, y)


def ribbon(spine: Points, widths: float | tuple[float, ...]) -> Points:
    """The outline of a band along a curve.

    Args:
        spine: the curve in the band's middle.
        widths: the band's width, or several that it passes through from the beginning to the end.
    """
    if len(spine) == 2:
        # A straight line needs points between its ends for the widths to pass through.
        spine = spine[0] + np.linspace(0, 1, 9)[:, None] * (spine[1] - spine[0])
    along = np.linspace(0, 1, len(spine))
    stops = np.atleast_1d(np.asarray(widths, float))
    half = np.interp(along, np.linspace(0, 1, len(stops)), stops)[:, None] / 2
    tangent = np.gradient(spine, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return np.concatenate([spine + normal * half, (spine - normal * half)[::-1]])


def _parsed(text: str) -> tuple[Points, np.ndarray]:
    words = text.split()
    points = np.array([[float(number) for number in word.rstrip("!").split(",")] for word in words])
    return points, np.array([word.endswith("!") for word in words])


def _closed(points: Points, corners: np.ndarray) -> Points:
    if not corners.any():
        # Go round a bit further than once, so that the seam is as smooth as the rest.
        wrapped = np.concatenate([points[-3:], points, points[:3]])
        return _smooth(wrapped)[3 * _STEPS : (len(points) + 3) * _STEPS]
    first = int(np.flatnonzero(corners)[0])
    points, corners = np.roll(points, -first, axis=0), np.roll(corners, -first)
    return _through(np.concatenate([points, points[:1]]), np.concatenate([corners, [True]]))[:-1]


def _through(points: Points, corners: np.ndarray) -> Points:
    ends = np.flatnonzero(corners[1:-1]) + 1
    stops = [0, *ends.tolist(), len(points) - 1]
    pieces = [_smooth(points[start : stop + 1]) for start, stop in itertools.pairwise(stops)]
    return np.concatenate([*(piece[:-1] for piece in pieces[:-1]), pieces[-1]])


def _smooth(points: Points) -> Points:
    """A centripetal Catmull-Rom spline (Barry and Goldman 1988): through every point, without loops."""
    if len(points) == 2:
        return points
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    gaps = np.sqrt(np.maximum(np.linalg.norm(np.diff(padded, axis=0), axis=1), 1e-6))
    knots = np.concatenate([[0], np.cumsum(gaps)])
    pieces = []
    for start in range(len(points) - 1):
        p0, p1, p2, p3 = padded[start : start + 4]
        t0, t1, t2, t3 = knots[start : start + 4]
        t = np.linspace(t1, t2, _STEPS, endpoint=False)[:, None]
        a1 = (t1 - t) / (t1 - t0) * p0 + (t - t0) / (t1 - t0) * p1
        a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
        a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
        b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        pieces.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    return np.concatenate([*pieces, points[-1:]])
