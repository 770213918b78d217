"""Containers of podman or docker, each of an image that its user made and pinned."""
