"""One file per framework. Importing one imports no framework: that happens inside the methods that need it."""
