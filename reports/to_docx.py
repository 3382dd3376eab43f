"""The report as a Word file, from a template that an office can restyle in Word."""

from __future__ import annotations

import io
import zipfile
from contextlib import ExitStack
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from content.week import LOCAL
from reports.docx_view import view
from reports.figures import Figures
from reports.picture import svg_to_png
from reports.titles import Office
from reports.weeks_table import heat_maps

if TYPE_CHECKING:  # loaded when a report is written: pages and the sender start faster without it
    from docxtpl import DocxTemplate, InlineImage

_SHIPPED = files("reports") / "templates" / "bao-cao.docx"
_PICTURE_PX, _PICTURE_CM = 1200, 13.8


class BrokenTemplate(Exception):
    """A template changed by hand that cannot be filled; the message is Vietnamese and can be shown."""


def report_docx(figures: Figures, office: Office, path: Path, template: Path | None = None) -> Path:
    """Fill the template and write `path`, replacing what is there. Raises BrokenTemplate.

    The same figures give the same bytes.
    """
    from docxtpl import DocxTemplate

    with ExitStack() as stack:
        source = template or stack.enter_context(as_file(_SHIPPED))
        document = DocxTemplate(str(source))
        pictures = [_picture(document, svg) for svg in heat_maps(figures)]
        # Sandboxed: a template comes from outside. Strict: a misspelt field must not become an empty figure.
        rules = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
        try:
            document.render({"bc": view(figures, office), "pictures": pictures}, rules)
        except TemplateError as error:
            raise BrokenTemplate(
                f"Mẫu báo cáo {source.name} có chỗ không điền được ({error}), nên chưa có báo cáo nào được ghi. "
                "Anh/chị sửa lại chỗ đó trong Word, hoặc dùng mẫu có sẵn."
            ) from error
        about = document.docx.core_properties
        about.created = about.modified = figures.as_of
        made = io.BytesIO()
        document.save(made)
    path.write_bytes(_dated(made.getvalue(), figures.as_of))
    return path


def _picture(document: DocxTemplate, svg: str) -> InlineImage:
    from docx.shared import Cm
    from docxtpl import InlineImage

    return InlineImage(document, io.BytesIO(svg_to_png(svg, _PICTURE_PX)), width=Cm(_PICTURE_CM))


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
