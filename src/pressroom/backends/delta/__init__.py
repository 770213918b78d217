"""Delta Lake through delta-rs: tables as folders of Parquet that other tools read in place."""
