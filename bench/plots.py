"""The plots of bench/report, written as SVG by hand."""

import math
import os

from tables import show

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PLOTS = "performance"
COLOURS = ["#2f6db5", "#d9822b", "#4a9b5b", "#b04a5a", "#7a63ad", "#8a8a8a",
           "#2fa8b5", "#b5a12f", "#d36fb0", "#5b4a2f"]


class Svg:
    def __init__(self, width, height, title):
        self.width, self.height = width, height
        self.parts = []
        self.text(width / 2, 18, title, anchor="middle", size=14)

    def text(self, x, y, text, anchor="start", size=11, turn=0):
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        move = ' transform="rotate(%d %.1f %.1f)"' % (turn, x, y) if turn else ""
        self.parts.append(
            '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d"%s>%s'
            "</text>" % (x, y, anchor, size, move, text))

    def line(self, x1, y1, x2, y2, colour="#ccc", width=1.0):
        self.parts.append(
            '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-width="%.1f"/>' % (x1, y1, x2, y2, colour, width))

    def rect(self, x, y, w, h, colour):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" '
                          'fill="%s"/>' % (x, y, w, h, colour))

    def dot(self, x, y, colour):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' %
                          (x, y, colour))

    def save(self, name):
        folder = os.path.join(ROOT, "docs", PLOTS)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w") as f:
            f.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                    'height="%d" font-family="sans-serif" '
                    'style="background:#fff">\n' % (self.width, self.height))
            f.write("\n".join(self.parts) + "\n</svg>\n")


def decades(low, high):
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def plain(power):
    return "%g" % 10.0 ** power if -4 < power < 6 else "1e%d" % power


def legend(svg, names, left, y):
    """From y down, in rows of what fits; plots leave room for two."""
    x = left
    for i, name in enumerate(names):
        width = 30 + 6.5 * len(name)
        if x + width > svg.width and x > left:
            x, y = left, y + 15
        svg.rect(x, y - 9, 10, 10, COLOURS[i % len(COLOURS)])
        svg.text(x + 14, y, name)
        x += width


def bars(file, title, names, rows):
    """rows: (label, a value for each name or None). Horizontal, logarithmic,
    from the line of 1."""
    values = [v for _, r in rows for v in r if v]
    if not values:
        return
    scale = decades(min(min(values), 0.5), max(max(values), 2))
    left, top, step = 150, 50, 13 * len(names) + 8
    width, height = 760, top + step * len(rows) + 30
    svg = Svg(width, height, title)

    def x(value):
        share = (math.log10(value) - scale[0]) / (scale[-1] - scale[0])
        return left + share * (width - left - 60)
    legend(svg, names, left, 38)
    for power in scale:
        svg.line(x(10.0 ** power), top, x(10.0 ** power), height - 24)
        svg.text(x(10.0 ** power), height - 10, plain(power), "middle")
    for i, (label, row) in enumerate(rows):
        y = top + i * step + 4
        svg.text(left - 8, y + step / 2, label, "end")
        for k, value in enumerate(row):
            if not value:
                continue
            at = sorted((x(1), x(value)))
            svg.rect(at[0], y + 13 * k, max(at[1] - at[0], 1), 11,
                     COLOURS[k % len(COLOURS)])
            svg.text(at[1] + 4, y + 13 * k + 9, show(value), size=9)
    svg.line(x(1), top, x(1), height - 24, "#000", 1.5)
    svg.save(file)


def lines(file, title, across, up, series):
    """series: name -> [(x, y)]; both axes logarithmic."""
    points = [p for s in series.values() for p in s if p[0] > 0 and p[1] > 0]
    if not points:
        return
    width, height, left, top, bottom = 760, 395, 80, 65, 50
    xs = decades(min(p[0] for p in points), max(p[0] for p in points))
    ys = decades(min(p[1] for p in points), max(p[1] for p in points))
    if len(xs) == 1:
        xs = range(xs[0], xs[0] + 2)
    if len(ys) == 1:
        ys = range(ys[0], ys[0] + 2)
    svg = Svg(width, height, title)

    def x(value):
        share = (math.log10(value) - xs[0]) / (xs[-1] - xs[0])
        return left + share * (width - left - 20)

    def y(value):
        share = (math.log10(value) - ys[0]) / (ys[-1] - ys[0])
        return height - bottom - share * (height - top - bottom)
    legend(svg, list(series), left, 38)
    for power in xs:
        svg.line(x(10.0 ** power), top, x(10.0 ** power), height - bottom)
        svg.text(x(10.0 ** power), height - bottom + 14, plain(power), "middle")
    for power in ys:
        svg.line(left, y(10.0 ** power), width - 20, y(10.0 ** power))
        svg.text(left - 6, y(10.0 ** power) + 4, plain(power), "end")
    svg.text(width / 2, height - 12, across, "middle")
    svg.text(18, height / 2, up, "middle", turn=-90)
    for i, points in enumerate(series.values()):
        colour = COLOURS[i % len(COLOURS)]
        points = sorted(p for p in points if p[0] > 0 and p[1] > 0)
        for a, b in zip(points, points[1:]):
            svg.line(x(a[0]), y(a[1]), x(b[0]), y(b[1]), colour, 2)
        for p in points:
            svg.dot(x(p[0]), y(p[1]), colour)
    svg.save(file)
