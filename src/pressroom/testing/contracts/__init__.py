"""What every backend must pass: one suite for each port. Subclass it in a test file and say how to make your backend.

    class TestMyBlobs(BlobsContract):
        def make(self, tmp_path):
            return MyBlobs(tmp_path / "blobs")

        def again(self, store, tmp_path):      # another handle on the same store
            return MyBlobs(tmp_path / "blobs")

A backend that lives in one process keeps the default of `again`, which is the same handle. Each test gets an empty
store.
"""
