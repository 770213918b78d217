"""What can be said of a flow before it runs: by its text, by its annotations, and by the calls that its body makes."""
