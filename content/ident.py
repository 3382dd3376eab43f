"""Spoken before every programme, the same each week so that people know it from the road."""

IDENT = "Kính mời bà con nghe chương trình phát thanh Chuyển đổi số."
