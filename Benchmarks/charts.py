"""Draws charts that are described as JSON on standard input; run by the Python that has matplotlib.

Text and axes take the colour that the page's scheme wants, the lines colours that can be seen on light and on dark.
"""
import json
import pathlib
import re
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

INK = "#57606b"
DARK_INK = "#adb6c0"
COLOURS = ("#2f81d6", "#d9822b")
MARKERS = ("o", "s")
STYLE = f"<style>svg{{color:{INK}}}@media(prefers-color-scheme:dark){{svg{{color:{DARK_INK}}}}}</style>"

plt.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "sluice", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Arial", "sans-serif"],
    "font.size": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.8, "lines.markersize": 4.5})


def short(value, _=None):
    """1k, 1M, 0.5."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def draw(chart):
    figure, (rates, tails) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
    for (system, points), colour, marker in zip(chart["lines"].items(), COLOURS, MARKERS):
        places = [point[0] for point in points]
        rates.plot(places, [point[1] for point in points], label=system, color=colour, marker=marker)
        tails.plot(places, [point[2] for point in points], label=system, color=colour, marker=marker)
    for axes, title in ((rates, "decisions a second"), (tails, "99th percentile, ms")):
        axes.set_xscale("log")
        axes.set_xticks(chart["ticks"], [short(tick) for tick in chart["ticks"]])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(short)
        axes.set_title(title, loc="left", fontsize=9)
        axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.6)
    figure.supxlabel(chart["label"], fontsize=9)
    rates.legend(frameon=False, loc="best")
    path = pathlib.Path(chart["file"])
    figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    path.write_text(tidy(path.read_text()))


def tidy(text):
    """Colours by the page's scheme, no more digits than a screen has dots, nothing that no browser asks for."""
    text = re.sub(r"<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*|<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"(<svg[^>]*>)", rf"\1{STYLE}", text, count=1)
    text = re.sub(r"(\d\.\d{2})\d+", r"\1", re.sub(r"\s*\n\s*", "\n", text))
    return text.replace(INK, "currentColor").replace("svg{color:currentColor}", f"svg{{color:{INK}}}", 1)


if __name__ == "__main__":
    for chart in json.load(sys.stdin):
        draw(chart)
