"""Pieces of a Word document in the form of Nghị định 30/2020, for make_template.py. Sizes in points and centimetres."""

from __future__ import annotations

from collections.abc import Sequence

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

FACE = "Times New Roman"
CENTER, LEFT, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY
TEXT_WIDTH_CM = 16.5


def official_page() -> DocxDocument:
    """A4, margins 20/20/30/15 mm, body 14 pt; page number centred on top from page 2 on."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.header_distance = Cm(1)
    section.different_first_page_header_footer = True
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FACE, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), FACE)
    language = _element("w:lang", {"w:val": "vi-VN", "w:eastAsia": "vi-VN", "w:bidi": "ar-SA"})
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    _page_number(section.header.paragraphs[0])
    return document


def line(
    where: DocxDocument | _Cell,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = CENTER,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
) -> Paragraph:
    """A paragraph. The first one of a cell takes the empty paragraph that is there."""
    fresh = isinstance(where, _Cell) and len(where.paragraphs) == 1 and not where.paragraphs[0].text
    paragraph = where.paragraphs[0] if fresh else where.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    paragraph.alignment = align
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(after), keep
    return paragraph


def body(document: DocxDocument, text: str, *, keep: bool = False) -> Paragraph:
    """Running text: justified, first line in by 1.27 cm, 6 pt between paragraphs."""
    paragraph = line(document, text, align=JUSTIFY, after=6, keep=keep)
    paragraph.paragraph_format.first_line_indent = Cm(1.27)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    return paragraph


def heading(document: DocxDocument, text: str) -> Paragraph:
    paragraph = line(document, text, bold=True, align=JUSTIFY, before=6, after=6, keep=True)
    paragraph.paragraph_format.first_line_indent = Cm(1.27)
    return paragraph


def order(where: DocxDocument | _Cell, tag: str) -> Paragraph:
    """A template order (`{%p … %}`) alone in its paragraph, which vanishes when the template is filled."""
    return line(where, "{%p " + tag + " %}", size=8, align=LEFT)


def rule(where: DocxDocument | _Cell, width_cm: float, room_cm: float) -> None:
    """The short line under a heading: the border of an empty paragraph, drawn in from both sides."""
    paragraph = line(where, "", size=2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(
        (room_cm - width_cm) / 2
    )
    paragraph.paragraph_format.line_spacing = Pt(3)
    edge = _element("w:top", {"w:val": "single", "w:sz": "6", "w:space": "1", "w:color": "000000"})
    borders = OxmlElement("w:pBdr")
    borders.append(edge)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")


def grid(document: DocxDocument, widths_cm: Sequence[float], *, rows: int, framed: bool) -> Table:
    """A table of fixed widths: on the grid and on each cell, or some programs share the width out evenly."""
    table: Table = document.add_table(rows=rows, cols=len(widths_cm))
    table.style = "Table Grid" if framed else "Normal Table"
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for place, width in enumerate(widths_cm):
        table.columns[place].width = Cm(width)
        for cell in table.columns[place].cells:
            cell.width = Cm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return table


def results_table(
    document: DocxDocument,
    heads: Sequence[str],
    widths_cm: Sequence[float],
    loop: str,
    cells: Sequence[str],
    total: Sequence[str] = (),
    *,
    size: float = 10,
) -> None:
    """A table with a repeated header, a row for each `row` of `loop`, and a row of sums."""
    table = grid(document, widths_cm, rows=5 if total else 4, framed=True)
    narrow(table)
    for place, head in enumerate(heads):
        line(table.cell(0, place), head, size=size, bold=True)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    line(table.cell(1, 0), "{%tr for row in " + loop + " %}", size=size)
    line(table.cell(3, 0), "{%tr endfor %}", size=size)
    for place, cell in enumerate(cells):
        line(table.cell(2, place), cell, size=size, align=LEFT if place == 1 else CENTER)
    for place, cell in enumerate(total):
        line(table.cell(4, place), cell, size=size, bold=True, align=LEFT if place == 1 else CENTER)
    line(document, "", size=6)


def narrow(table: Table) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margins.append(_element(side, {"w:w": "40", "w:type": "dxa"}))
    table._tbl.tblPr.append(margins)


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "2"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            run._r.append(_element("w:fldChar", {"w:fldCharType": kind}))
        elif text == "PAGE":
            order_text = _element("w:instrText", {"xml:space": "preserve"})
            order_text.text = text
            run._r.append(order_text)
        else:
            run.text = text


def _element(name: str, attributes: dict[str, str]) -> BaseOxmlElement:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(key), value)
    return element
