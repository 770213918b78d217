"""What can be known about a long run in two minutes, before it takes four weeks."""
