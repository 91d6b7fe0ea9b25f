"""Files as people upload them, made on the spot."""

from __future__ import annotations

import zipfile
from io import BytesIO

import docx
from pypdf import PdfReader, PdfWriter


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("Playbook", 0)
    document.add_paragraph("How we sell.")
    document.add_heading("Prices", 1)
    document.add_paragraph("A seat costs 40 euros a month.")
    table = document.add_table(2, 2)
    for (row, column), text in {(0, 0): "Plan", (0, 1): "Price", (1, 0): "Team", (1, 1): "40"}.items():
        table.cell(row, column).text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def zip_file(entries: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def pdf_file(*pages: list[tuple[int, str]]) -> bytes:
    """A PDF of pages of (size in points, line), by hand: what a reader needs and nothing more."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        drawn, height = [], 800
        for size, text in lines:
            height -= 2 * size
            escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            drawn.append(f"BT /F1 {size} Tf 1 0 0 1 50 {height} Tm ({escaped}) Tj ET")
        stream = "\n".join(drawn)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        content = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = out.tell()
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf_file([(12, "Nobody may read this without the word.")]))))
    writer.encrypt("secret", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
