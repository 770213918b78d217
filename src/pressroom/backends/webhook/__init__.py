"""Web hooks: an address of somebody else's that takes JSON by POST."""
