"""The report as a Word file, from a template that can be restyled in Word (reports/templates/bao-cao.docx).

It is filled with `bc` (reports.docx_view.ReportView), `figures` (reports.figures.Figures) and `pictures`. A field that
does not exist stops the report.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from airlog.queries import Counts
from content.week import LOCAL
from content.wording import number_vi
from reports.docx_view import view
from reports.figures import Figures, share
from reports.picture import svg_to_png
from reports.weeks_table import heat_maps
from reports.words import share_word

_TEMPLATE = files("reports") / "templates" / "bao-cao.docx"
_PICTURE_PX, _PICTURE_CM = 1200, 13.8


def report_docx(figures: Figures, path: Path) -> Path:
    """Fill the template and write `path`, replacing what is there. The same figures give the same bytes."""
    # Loaded when a report is written: pages and the sender start faster without them.
    from docx.shared import Cm
    from docxtpl import DocxTemplate, InlineImage

    rules = Environment(undefined=StrictUndefined, autoescape=True)
    rules.filters.update(number=number_vi, share=_share)
    with as_file(_TEMPLATE) as source:
        document = DocxTemplate(str(source))
        pictures = [
            InlineImage(document, io.BytesIO(svg_to_png(svg, _PICTURE_PX)), width=Cm(_PICTURE_CM))
            for svg in heat_maps(figures)
        ]
        document.render({"bc": view(figures), "figures": figures, "pictures": pictures}, rules)
        about = document.docx.core_properties
        about.created = about.modified = figures.as_of
        made = io.BytesIO()
        document.save(made)
    path.write_bytes(_dated(made.getvalue(), figures.as_of))
    return path


def _share(tally: Counts) -> str:
    return share_word(share(tally))


def _dated(docx: bytes, now: datetime) -> bytes:
    """The same parts, stamped with the report's own time instead of the machine's, so that bytes can be compared."""
    local = now.astimezone(LOCAL)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return target.getvalue()
