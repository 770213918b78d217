"""Report pages: one HTML file each, with its plots drawn in it; no script, no network.

How a training on a table, and what work costs, are told to whoever has to decide. What the figures mean is
`training`'s, `stats`' and `costs`'.
"""

from pressroom.doors.report.board_page import board_page
from pressroom.doors.report.table_page import report_page

__all__ = ["board_page", "report_page"]
