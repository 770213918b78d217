"""Every port in memory, for tests and notebooks: held to the same contracts as the others, gone with the process."""
