"""Attempts as Jobs or RayJobs of a Kubernetes cluster, queued by Kueue where it is there."""
