"""Report pages: one HTML file each, with its plots drawn in it; no script, no network.

How a training on a table is told to whoever has to decide on it. What the figures mean is `training`'s and `stats`'.
"""

from pressroom.doors.report.table_page import report_page

__all__ = ["report_page"]
