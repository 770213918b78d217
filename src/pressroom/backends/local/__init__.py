"""Plain files and the system's clock: blobs and the log in a folder of a local disk, durable through fsync."""
