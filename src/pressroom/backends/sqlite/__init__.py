"""SQLite: records and keys in one file each, shared by all processes of one machine."""
